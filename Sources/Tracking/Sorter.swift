public import FlowTable
public import Wire

/// Accounts for every frame of a run, follows its clock, and says which of several trackers each frame is for: then
/// each of them looks only at what is its own.
///
/// See ``Tracker/queueSorted(_:linkType:wireLength:at:interface:frame:place:)``.
public struct Sorter: Sendable {
    /// What became of every frame; of connections it knows nothing.
    @inlinable public var account: Account { sorted }
    @usableFromInline var sorted = Account()
    /// How many trackers there are.
    public let count: Int
    /// Whether timers may be due with the frame that was sorted last: every tracker has to turn to the latest
    /// time before it takes one of the frames from this on.
    @inlinable public var hasToTurn: Bool { isTurn }
    @usableFromInline var isTurn = false

    @usableFromInline var nextTurn = Timestamp(nanoseconds: .min)
    @usableFromInline var segment = Segment()
    @usableFromInline let decoder = Decoder()

    /// A sorter for so many trackers.
    public init(count: Int) {
        precondition(count > 0, "somebody has to track")
        self.count = count
    }

    /// Takes one frame; see ``Tracker/queue(_:linkType:wireLength:at:interface:frame:)``. Returns the number of
    /// the tracker that it is for; nil if it is for none.
    @inlinable @inline(__always)
    public mutating func sort(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp
    ) -> Int? {
        sorted.frames &+= 1
        sorted.wireBytes &+= UInt64(truncatingIfNeeded: wireLength)
        sorted.note(time)
        isTurn = sorted.latest >= nextTurn
        if isTurn { nextTurn = TimerWheel.nextSecond(after: sorted.latest) }
        let count = count
        var owner = 0
        let outcome = decoder.decode(
            bytes, linkType: linkType, wireLength: wireLength, into: &segment,
            where: {
                owner = Sorter.owner(of: $0, among: count)
                return false
            })
        switch outcome {
        case nil, .segment:
            sorted.segments &+= 1
            return owner
        case .setAside(let reason):
            sorted.note(reason)
            return nil
        case .icmpError:
            sorted.note(.icmp)
            return Sorter.owner(of: segment, among: count)
        }
    }

    /// Which of several trackers has a segment's connection: the same for both directions, by a hash that
    /// is another than the table's, or a tracker's table would be filled unevenly.
    @inlinable @inline(__always)
    static func owner(of segment: borrowing Segment, among count: Int) -> Int {
        let one = mix(segment.source, segment.sourcePort)
        let other = mix(segment.destination, segment.destinationPort)
        let hash = ((one &+ other) &* 0x9e37_79b9_7f4a_7c15) >> 32
        return Int(truncatingIfNeeded: (hash &* UInt64(truncatingIfNeeded: count)) >> 32)
    }

    @inlinable @inline(__always)
    static func mix(_ address: Address, _ port: UInt16) -> UInt64 {
        let word = (address.low ^ address.high &* 0xd6e8_feb8_6659_fd93) &+ UInt64(port) << 40
        return (word ^ word >> 29) &* 0xbf58_476d_1ce4_e5b9
    }
}
