public import Wire

/// The order-free pair of (address, port) of a connection: the same for both directions.
public struct FlowKey: Hashable, Sendable {
    /// The smaller end's address.
    public let low: Address
    /// The larger end's address.
    public let high: Address
    /// The smaller end's port.
    public let lowPort: UInt16
    /// The larger end's port.
    public let highPort: UInt16

    /// Makes the key of a segment's connection.
    @inlinable
    public init(_ segment: borrowing Segment) {
        self.init(segment, sender: FlowKey.sender(of: segment))
    }

    /// Makes the key of a segment's connection; `sender` is what ``sender(of:)`` says of it.
    @inlinable
    public init(_ segment: borrowing Segment, sender: Side) {
        if sender == .low {
            low = segment.source
            high = segment.destination
            lowPort = segment.sourcePort
            highPort = segment.destinationPort
        } else {
            low = segment.destination
            high = segment.source
            lowPort = segment.destinationPort
            highPort = segment.sourcePort
        }
    }

    /// Makes the key of two ends, in any order.
    public init(_ a: Address, _ aPort: UInt16, _ b: Address, _ bPort: UInt16) {
        let isInOrder = a != b ? a < b : aPort <= bPort
        low = isInOrder ? a : b
        lowPort = isInOrder ? aPort : bPort
        high = isInOrder ? b : a
        highPort = isInOrder ? bPort : aPort
    }

    private init(low: Address, _ lowPort: UInt16, high: Address, _ highPort: UInt16) {
        self.low = low
        self.lowPort = lowPort
        self.high = high
        self.highPort = highPort
    }

    /// The same ends, in their places, with other addresses: for output, and equal to no key of a segment.
    public func replacingAddresses(_ replacement: (Address) -> Address) -> FlowKey {
        FlowKey(low: replacement(low), lowPort, high: replacement(high), highPort)
    }

    /// Which end of its connection sent a segment. A self-connect is all `low`.
    @inlinable
    public static func sender(of segment: borrowing Segment) -> Side {
        if segment.source != segment.destination {
            return segment.source < segment.destination ? .low : .high
        }
        return segment.sourcePort <= segment.destinationPort ? .low : .high
    }

    /// The address of one end.
    @inlinable
    public func address(_ side: Side) -> Address { side == .low ? low : high }

    /// The port of one end.
    @inlinable
    public func port(_ side: Side) -> UInt16 { side == .low ? lowPort : highPort }
}
