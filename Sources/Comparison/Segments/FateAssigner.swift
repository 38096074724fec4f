internal import TCPState
internal import Wire

/// Says of each segment that has no counterpart what became of it.
struct FateAssigner {
    private let delays: PathDelays

    init(_ delays: PathDelays) { self.delays = delays }

    // MARK: What the captures cover

    /// Finds out by one direction of a match whether the taps were there before their first frames and after their last.
    func assignCoverage(_ pair: inout PairComparison, _ stream: Stream) {
        let (sender, receiver) = (stream.senderTapSide, stream.senderTapSide.other)
        let free = stream.segments(at: receiver).filter { pair.isFree($0, at: receiver) }
        if free.isEmpty { return }
        let usual = delays.usual(of: stream, pair)
        for number in free {
            let segment = pair.tap(receiver).segments[number]
            guard !segment.flags.contains(.rst) else { continue }
            // A box may make SYNs and acknowledgments; data and FINs come from their sender.
            let isGenuine = segment.isSequenced && !segment.flags.contains(.syn)
            if isGenuine || acknowledgesMore(segment, stream, sender, pair) {
                extendCoverage(segment, sender, receiver, usual, &pair)
            }
        }
    }

    /// Whether a segment acknowledges more than any that its sender's tap has.
    private func acknowledgesMore(
        _ segment: TapSegment, _ stream: Stream, _ sender: PairComparison.TapSide,
        _ pair: PairComparison
    ) -> Bool {
        guard segment.control.isEmpty, segment.flags.contains(.ack) else { return false }
        guard let last = stream.segments(at: sender).last else { return false }
        let known = pair.tap(sender).segments[last]
        let shift = sender == .near ? stream.acknowledged : 0 &- stream.acknowledged
        return segment.acknowledgmentNumber > known.acknowledgmentNumber + shift
    }

    private func extendCoverage(
        _ segment: TapSegment, _ tapSide: PairComparison.TapSide, _ seen: PairComparison.TapSide,
        _ usual: TimeSpan, _ pair: inout PairComparison
    ) {
        let time = delays.expected(segment.time, at: seen, isSender: false, usual: usual)
        let slack = delays.slack(segment.time, at: seen, usual: usual)
        let counts = pair.tap(tapSide).counts
        guard let first = counts.first, let last = counts.last else { return }
        if time + slack < first { pair.coverage.beginsWithFirst[tapSide.rawValue] = true }
        if time - slack > last { pair.coverage.endsWithLast[tapSide.rawValue] = true }
    }

    /// A connection that one tap saw from its SYN on and the other one in its middle only: that tap began late.
    func noteLateStarts(_ match: ConnectionMatch, _ pair: inout PairComparison) {
        for tapSide in PairComparison.TapSide.allCases { noteLateStart(match, tapSide, &pair) }
    }

    private func noteLateStart(
        _ match: ConnectionMatch, _ tapSide: PairComparison.TapSide, _ pair: inout PairComparison
    ) {
        let own = tapSide == .near ? match.near : match.far
        let other = tapSide == .near ? match.far : match.near
        let (mine, yours) = (
            pair.tap(tapSide).connections[own], pair.tap(tapSide.other).connections[other]
        )
        guard yours.isOpenerKnown, yours[yours.opener] != nil,
            mine[match.isSwapped ? yours.opener.peer : yours.opener] == nil,
            let first = pair.tap(tapSide).counts.first
        else { return }
        let start = yours.first
        let time = delays.expected(start, at: tapSide.other, isSender: true, usual: 0)
        if time < first { pair.coverage.beginsWithFirst[tapSide.rawValue] = true }
    }

    // MARK: Fates

    /// Settles what is left of one direction of a match.
    func assign(_ stream: Stream, _ opposite: Stream, _ pair: inout PairComparison) {
        let (sender, receiver) = (stream.senderTapSide, stream.senderTapSide.other)
        let sent = open(stream, sender, pair)
        let received = open(stream, receiver, pair)
        if sent.isEmpty, received.isEmpty { return }
        let usual = delays.usual(of: stream, pair)
        let numbers = Numbers(stream, opposite, pair)
        let regrouped = numbers.regrouped(sent, received, pair)
        for number in sent {
            let segment = pair.tap(sender).segments[number]
            let fate: SegmentFate
            switch position(segment, sender, isSender: true, usual, pair) {
            case .outside: fate = .notCovered
            case .quiet where !segment.isSequenced && segment.control.isEmpty: fate = .notCovered
            case .quiet, .inside:
                let isTaken = numbers.isTaken(segment, pair)
                fate = regrouped.contains(number) ? .regrouped : isTaken ? .missed : .lost
            }
            pair.set(fate, number, at: sender)
        }
        for number in received {
            let segment = pair.tap(receiver).segments[number]
            let fate: SegmentFate
            switch position(segment, receiver, isSender: false, usual, pair) {
            case .outside: fate = .notCovered
            case .quiet where !segment.flags.contains(.rst) && !isForeign(segment, stream, pair):
                fate = .notCovered
            case .quiet, .inside:
                fate =
                    regrouped.contains(-1 - number)
                    ? .regrouped : numbers.isSenders(segment, pair) ? .missed : .injected
            }
            pair.set(fate, number, at: receiver)
        }
    }

    /// Whether a SYN,ACK is a box's though its sender's tap shows nothing that early: that tap has the handshake.
    private func isForeign(
        _ segment: TapSegment, _ stream: Stream, _ pair: PairComparison
    ) -> Bool {
        guard segment.flags.isSuperset(of: [.syn, .ack]) else { return false }
        let match = pair.matches[stream.match]
        let sender = stream.senderTapSide
        let own = pair.tap(sender).connections[sender == .near ? match.near : match.far]
        return Side.allCases.allSatisfy { own[$0] != nil }
    }

    /// Settles a connection that only one tap saw, and that others like it have passed the other one.
    func assignStray(
        _ connection: Int, at tapSide: PairComparison.TapSide, sender: Side,
        _ pair: inout PairComparison
    ) {
        let tap = pair.tap(tapSide)
        for number in tap.segments(of: connection) {
            let segment = tap.segments[number]
            let isSent = segment.side == sender
            let usual = delays.usual(isOutward: isSent == (tapSide == .near))
            let position = position(segment, tapSide, isSender: isSent, usual, pair)
            let fate: SegmentFate = isSent ? .lost : .injected
            pair.set(position == .outside ? .notCovered : fate, number, at: tapSide)
        }
    }

    /// The segments of a stream at a tap whose fate is open.
    private func open(
        _ stream: Stream, _ tapSide: PairComparison.TapSide, _ pair: PairComparison
    ) -> [Int] {
        stream.segments(at: tapSide).filter { pair.fate(of: $0, at: tapSide) == .notCompared }
    }

    private func position(
        _ segment: TapSegment, _ tapSide: PairComparison.TapSide, isSender: Bool, _ usual: TimeSpan,
        _ pair: PairComparison
    ) -> Coverage.Position {
        // Nothing shows that both taps were there at the same time.
        guard delays.haveCommonTime else { return .outside }
        return pair.coverage.position(
            of: delays.expected(segment.time, at: tapSide, isSender: isSender, usual: usual),
            slack: delays.slack(segment.time, at: tapSide, usual: usual), at: tapSide.other,
            pair.tap(tapSide.other))
    }
}

/// What sequence numbers each tap of a pair has of one direction, and how much of it the receiver acknowledged.
private struct Numbers {
    private let sent: ByteRanges
    private let received: ByteRanges
    /// The highest number that the sender is seen to use, and that the receiver acknowledges, by the sender's tap and
    /// by the receiver's.
    private let highestSent: SequenceNumber?
    private let highestAcknowledged: SequenceNumber?
    private let stream: Stream

    init(_ stream: Stream, _ opposite: Stream, _ pair: PairComparison) {
        self.stream = stream
        let (sender, receiver) = (stream.senderTapSide, stream.senderTapSide.other)
        let mine = pair.tap(sender).segments[stream.segments(at: sender)]
        let yours = pair.tap(receiver).segments[stream.segments(at: receiver)]
        let zero = SequenceNumber(0)
        sent = ByteRanges(mine, base: mine.first?.sequenceNumber ?? zero)
        received = ByteRanges(yours, base: yours.first?.sequenceNumber ?? zero)
        highestSent = Numbers.highest(mine.lazy.filter(\.isSequenced).map(\.endSequenceNumber))
        // A RST may acknowledge anything.
        let answers = pair.tap(receiver).segments[opposite.segments(at: receiver)].lazy
            .filter { $0.flags.contains(.ack) && !$0.flags.contains(.rst) }
        highestAcknowledged = Numbers.highest(answers.map(\.acknowledgmentNumber))
    }

    private static func highest(_ numbers: some Sequence<SequenceNumber>) -> SequenceNumber? {
        numbers.reduce(nil) { best, number in
            best.map { number > $0 ? number : $0 } ?? number
        }
    }

    /// A number of the sender's tap in those of the receiver's.
    private func atReceiver(_ number: SequenceNumber) -> SequenceNumber {
        stream.senderTapSide == .near ? number + stream.shift : number - stream.shift
    }

    private func atSender(_ number: SequenceNumber) -> SequenceNumber {
        stream.senderTapSide == .near ? number - stream.shift : number + stream.shift
    }

    /// Whether the receiver acknowledges a segment's bytes, and its tap saw no copy of them: then it did not see all.
    func isTaken(_ segment: TapSegment, _ pair: PairComparison) -> Bool {
        guard segment.isSequenced, let highestAcknowledged else { return false }
        let number = atReceiver(segment.sequenceNumber)
        return number + segment.length <= highestAcknowledged
            && !received.cover(number, length: segment.length)
    }

    /// Whether bytes that only the receiver's tap saw come from the sender, which went on behind them.
    func isSenders(_ segment: TapSegment, _ pair: PairComparison) -> Bool {
        guard segment.isSequenced, let highestSent else { return false }
        let number = atSender(segment.sequenceNumber)
        return number + segment.length < highestSent && !sent.cover(number, length: segment.length)
    }

    /// The segments whose bytes the other tap saw in segments of other sizes; those of the receiver's tap as
    /// -1 - index.
    func regrouped(_ mine: [Int], _ yours: [Int], _ pair: PairComparison) -> Set<Int> {
        let (sender, receiver) = (stream.senderTapSide, stream.senderTapSide.other)
        let a = mine.map { ($0, pair.tap(sender).segments[$0]) }.filter { $0.1.payloadLength > 0 }
        let b = yours.map { ($0, pair.tap(receiver).segments[$0]) }
            .filter { $0.1.payloadLength > 0 }
        guard let firstSent = a.first?.1, let firstReceived = b.first?.1 else { return [] }
        // Equal sizes are the same segment, or none.
        let positions = Set(a.map { stream.position($0.1, at: sender) })
            .intersection(b.map { stream.position($0.1, at: receiver) })
        let sentRanges = ByteRanges(a.lazy.map(\.1), base: firstSent.sequenceNumber)
        let receivedRanges = ByteRanges(b.lazy.map(\.1), base: firstReceived.sequenceNumber)
        var found: Set<Int> = []
        for (index, segment) in a where !positions.contains(stream.position(segment, at: sender)) {
            let number = atReceiver(segment.sequenceNumber)
            if receivedRanges.cover(number, length: segment.length) { found.insert(index) }
        }
        for (index, segment) in b where !positions.contains(stream.position(segment, at: receiver))
        {
            let number = atSender(segment.sequenceNumber)
            if sentRanges.cover(number, length: segment.length) { found.insert(-1 - index) }
        }
        return found
    }
}
