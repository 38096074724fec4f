internal import TCPState
internal import Wire

/// The segments of one direction of a matched connection at both taps.
struct Stream {
    let match: Int
    /// The sender's place at the first tap.
    let side: Side
    /// The indices of the segments at the first tap, and at the second one.
    let near: Range<Int>
    let far: Range<Int>
    /// What has to be added to numbers of the first tap.
    let shift: UInt32
    let acknowledged: UInt32
    /// Whether the segments go from the first tap to the second.
    let isOutward: Bool

    init(_ pair: PairComparison, match: Int, side: Side) {
        let found = pair.matches[match]
        self.match = match
        self.side = side
        near = pair.near.sent(by: side, of: found.near)
        far = pair.far.sent(by: found.farSide(of: side), of: found.far)
        shift = found.shift(of: side)
        acknowledged = found.shift(of: side.peer)
        isOutward = pair.isOutward(side, of: match)
    }

    /// The tap at the sender's side.
    var senderTapSide: PairComparison.TapSide { isOutward ? .near : .far }

    /// The segments at a tap.
    func segments(at tapSide: PairComparison.TapSide) -> Range<Int> {
        tapSide == .near ? near : far
    }

    /// The identity of a segment in the numbers of the second tap.
    func identity(
        _ segment: TapSegment, at tapSide: PairComparison.TapSide, kept: SegmentIdentity.Kept = .all
    ) -> SegmentIdentity {
        let isFar = tapSide == .far
        return SegmentIdentity(
            segment, shift: isFar ? 0 : shift, acknowledged: isFar ? 0 : acknowledged,
            kept: kept, isRewritten: acknowledged != 0)
    }

    /// The place of a segment in the numbers of the second tap.
    func position(_ segment: TapSegment, at tapSide: PairComparison.TapSide) -> SegmentPosition {
        tapSide == .far
            ? SegmentPosition(segment)
            : SegmentPosition(segment, shift: shift, acknowledged: acknowledged)
    }

    /// A sequence number in the numbers of the second tap.
    func number(_ number: SequenceNumber, at tapSide: PairComparison.TapSide) -> SequenceNumber {
        tapSide == .far ? number : number + shift
    }
}
