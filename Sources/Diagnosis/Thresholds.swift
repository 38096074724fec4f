/// From when on something counts, in one place: times in nanoseconds, counts in segments.
public struct Thresholds: Hashable, Sendable {
    /// A window closed for so long is a stall.
    public var zeroWindow: Int64
    /// So many retransmissions without any acknowledgment are a stall.
    public var retransmissions: UInt16
    /// So many keepalive probes without any answer are a stall.
    public var keepalives: UInt16
    /// A half-closed connection works while its open direction carried data within this time.
    public var quietHalfClose: Int64

    /// The defaults: our choice.
    public static let standard = Thresholds(
        zeroWindow: 1_000_000_000, retransmissions: 3, keepalives: 3,
        quietHalfClose: 10_000_000_000)

    /// Thresholds of one's own.
    public init(
        zeroWindow: Int64, retransmissions: UInt16, keepalives: UInt16, quietHalfClose: Int64
    ) {
        self.zeroWindow = zeroWindow
        self.retransmissions = retransmissions
        self.keepalives = keepalives
        self.quietHalfClose = quietHalfClose
    }
}
