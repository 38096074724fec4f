/// The TCP options that change how a connection is judged, as one flat value.
public struct TCPOptions: Sendable, Equatable {
    /// Which options a segment carries.
    public struct Present: OptionSet, Hashable, Sendable {
        /// One bit per option.
        public let rawValue: UInt8

        /// Wraps the bits.
        @inlinable
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Kind 2. RFC 9293, section 3.7.1.
        public static let maximumSegmentSize = Present(rawValue: 1)
        /// Kind 3. RFC 7323, section 2.
        public static let windowScale = Present(rawValue: 2)
        /// Kind 4. RFC 2018, section 2.
        public static let sackPermitted = Present(rawValue: 4)
        /// Kind 5. RFC 2018, section 3.
        public static let sack = Present(rawValue: 8)
        /// Kind 8. RFC 7323, section 3.
        public static let timestamps = Present(rawValue: 16)
        /// Kind 34, or the experimental kind 254 with 0xF989. RFC 7413, section 4.1.1.
        public static let fastOpen = Present(rawValue: 32)
        /// Kind 30. RFC 8684, section 3.
        public static let multipath = Present(rawValue: 64)
        /// The option list is cut by the snapshot length or malformed: what is present is true,
        /// what is absent is unknown.
        public static let incomplete = Present(rawValue: 128)
    }

    /// Which of the fields below were seen.
    public var present: Present = []
    /// Shift count of the window scale option, 0 to 14 (larger values are read as 14).
    public var windowScale: UInt8 = 0
    /// Bytes of the fast-open cookie; 0 is a request for one.
    public var fastOpenCookieLength: UInt8 = 0
    /// Maximum segment size in bytes.
    public var maximumSegmentSize: UInt16 = 0
    /// TSval.
    public var timestampValue: UInt32 = 0
    /// TSecr.
    public var timestampEcho: UInt32 = 0
    /// Left edge of the first SACK block; before SEG.ACK, it reports a duplicate (RFC 2883).
    public var sackLeft = SequenceNumber(0)
    /// Right edge of the first SACK block.
    public var sackRight = SequenceNumber(0)

    /// No options.
    @inlinable
    public init() {}
}
