public import Wire

/// The order-free pair of (address, port) of a connection: the same for both directions.
public struct FlowKey: Sendable {
    // By side, so that a segment's sender picks its own without a branch.
    @usableFromInline let addresses: InlineArray<2, Address>
    @usableFromInline let ports: InlineArray<2, UInt16>

    /// The smaller end's address.
    @inlinable public var low: Address { addresses[0] }
    /// The larger end's address.
    @inlinable public var high: Address { addresses[1] }
    /// The smaller end's port.
    @inlinable public var lowPort: UInt16 { ports[0] }
    /// The larger end's port.
    @inlinable public var highPort: UInt16 { ports[1] }

    /// Makes the key of a segment's connection.
    @inlinable
    public init(_ segment: borrowing Segment) {
        self.init(segment, sender: FlowKey.sender(of: segment))
    }

    /// Makes the key of a segment's connection; `sender` is what ``sender(of:)`` says of it.
    @inlinable
    public init(_ segment: borrowing Segment, sender: Side) {
        if sender == .low {
            addresses = [segment.source, segment.destination]
            ports = [segment.sourcePort, segment.destinationPort]
        } else {
            addresses = [segment.destination, segment.source]
            ports = [segment.destinationPort, segment.sourcePort]
        }
    }

    /// Makes the key of two ends, in any order.
    public init(_ a: Address, _ aPort: UInt16, _ b: Address, _ bPort: UInt16) {
        let isInOrder = a != b ? a < b : aPort <= bPort
        addresses = isInOrder ? [a, b] : [b, a]
        ports = isInOrder ? [aPort, bPort] : [bPort, aPort]
    }

    /// Which end of its connection sent a segment. A self-connect is all `low`.
    @inlinable @inline(__always)
    public static func sender(of segment: borrowing Segment) -> Side {
        let source = UInt128(segment.source)
        let destination = UInt128(segment.destination)
        if source == destination {
            return segment.sourcePort <= segment.destinationPort ? .low : .high
        }
        return source < destination ? .low : .high
    }

    /// Whether it is the key of a segment; `sender` is what ``sender(of:)`` says of it.
    @inlinable @inline(__always)
    public func isKey(of segment: borrowing Segment, from sender: Side) -> Bool {
        let own = sender.rawValue
        let other = sender.peer.rawValue
        // One branch for all of it: which part differs, if any, cannot be foretold.
        let difference =
            (UInt128(addresses[own]) ^ UInt128(segment.source))
            | (UInt128(addresses[other]) ^ UInt128(segment.destination))
            | UInt128((ports[own] ^ segment.sourcePort) | (ports[other] ^ segment.destinationPort))
        return difference == 0
    }

    /// The address of one end.
    @inlinable
    public func address(_ side: Side) -> Address { addresses[side.rawValue] }

    /// The port of one end.
    @inlinable
    public func port(_ side: Side) -> UInt16 { ports[side.rawValue] }
}

extension FlowKey: Hashable {
    /// Whether both ends are the same.
    @inlinable
    public static func == (a: FlowKey, b: FlowKey) -> Bool {
        a.low == b.low && a.high == b.high && a.lowPort == b.lowPort && a.highPort == b.highPort
    }

    /// Feeds both ends.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(low)
        hasher.combine(high)
        hasher.combine(lowPort)
        hasher.combine(highPort)
    }
}
