internal import TCPState
internal import Wire

/// Links what ``ExactMatcher`` left: altered segments and repeated ones, by how long they would have taken.
struct TimedMatcher {
    private let delays: PathDelays
    /// Pairs of segments at one place of the stream that are weighed.
    private static let pairLimit = 4096
    /// How much longer than usual an altered segment may take.
    private static let extraDelay = TimeSpan.seconds(2)
    /// The same, for a segment whose identification is that of its counterpart.
    private static let longest = TimeSpan.seconds(120)
    /// How far apart copies may be that no identification proves.
    private static let copyDistance = TimeSpan.seconds(1)

    init(_ delays: PathDelays) { self.delays = delays }

    /// A segment that may be another one's counterpart.
    private struct Candidate {
        let near: Int
        let far: Int
        /// How many fields differ.
        let differences: Int
        /// How far its delay is from the usual one.
        let oddity: TimeSpan
    }

    /// What the path leaves as it is, judged by what is linked already.
    private struct Habits {
        var keepsIdentification = false
        var keepsTimestamps = false
        /// By segments without an identification: only they are known by their windows.
        var keepsWindows = false

        init(_ stream: Stream, _ pair: PairComparison) {
            for number in stream.near {
                guard let other = pair.counterpart(of: number, at: .near) else { continue }
                let (a, b) = (pair.near.segments[number], pair.far.segments[other])
                if a.identification != 0, a.identification == b.identification {
                    keepsIdentification = true
                }
                if a.hasTimestamps, b.hasTimestamps, a.timestampValue == b.timestampValue {
                    keepsTimestamps = true
                }
                if a.identification == 0, a.window == b.window { keepsWindows = true }
                if keepsIdentification, keepsTimestamps { return }
            }
        }
    }

    /// Links what is left of one direction of a match.
    func match(_ stream: Stream, in pair: inout PairComparison) {
        var groups: [SegmentPosition: (near: [Int], far: [Int])] = [:]
        for number in stream.near where pair.isFree(number, at: .near) {
            let position = stream.position(pair.near.segments[number], at: .near)
            groups[position, default: ([], [])].near.append(number)
        }
        if !groups.isEmpty {
            for number in stream.far where pair.isFree(number, at: .far) {
                let position = stream.position(pair.far.segments[number], at: .far)
                groups[position]?.far.append(number)
            }
            let habits = Habits(stream, pair)
            let usual = delays.usual(of: stream, pair)
            for (near, far) in groups.values where !far.isEmpty {
                link(near, far, stream, habits, usual, &pair)
            }
        }
        for tapSide in PairComparison.TapSide.allCases { findCopies(stream, tapSide, &pair) }
    }

    private func link(
        _ near: [Int], _ far: [Int], _ stream: Stream, _ habits: Habits, _ usual: TimeSpan,
        _ pair: inout PairComparison
    ) {
        var candidates: [Candidate] = []
        let width = max(1, TimedMatcher.pairLimit / max(near.count, 1))
        for (rank, a) in near.enumerated() {
            // Of many, only those about as late in the row.
            let middle = far.count > width ? rank * far.count / near.count : far.count / 2
            let from = max(0, min(middle - width / 2, far.count - width))
            for b in far[from..<min(far.count, from + width)] {
                if let found = candidate(a, b, stream, habits, usual, pair) {
                    candidates.append(found)
                }
            }
        }
        candidates.sort {
            ($0.differences, $0.oddity, $0.near, $0.far)
                < ($1.differences, $1.oddity, $1.near, $1.far)
        }
        var linked: [(near: Int, far: Int)] = []
        for found in candidates {
            if pair.isFree(found.near, at: .near), pair.isFree(found.far, at: .far) {
                pair.link(found.near, found.far)
                linked.append((found.near, found.far))
            }
        }
        uncross(linked, stream, &pair)
    }

    /// What is told apart by nothing that is kept.
    private struct Looks: Hashable {
        let identity: SegmentIdentity
        let checksum: UInt8
    }

    /// Links segments that look the same in their order: nothing shows that one has overtaken the other.
    private func uncross(
        _ linked: [(near: Int, far: Int)], _ stream: Stream, _ pair: inout PairComparison
    ) {
        let groups = Dictionary(grouping: linked) { link in
            let segment = pair.near.segments[link.near]
            return Looks(
                identity: stream.identity(segment, at: .near), checksum: segment.checksum)
        }
        for group in groups.values where group.count > 1 {
            for (near, far) in zip(group.map(\.near).sorted(), group.map(\.far).sorted()) {
                pair.link(near, far)
            }
        }
    }

    private func candidate(
        _ near: Int, _ far: Int, _ stream: Stream, _ habits: Habits, _ usual: TimeSpan,
        _ pair: PairComparison
    ) -> Candidate? {
        let (a, b) = (pair.near.segments[near], pair.far.segments[far])
        let isIdentified = a.identification != 0 && a.identification == b.identification
        if habits.keepsIdentification, a.identification != b.identification { return nil }
        let hasEqualClock =
            a.hasTimestamps == b.hasTimestamps && a.timestampValue == b.timestampValue
        if habits.keepsTimestamps, !hasEqualClock { return nil }
        // An acknowledgment with nothing else to know it by.
        let isBare = a.identification == 0 && !a.hasTimestamps && !a.isSequenced
        if habits.keepsWindows, isBare, a.window != b.window { return nil }
        // A box that shifts sequence numbers answers SYNs itself, from a window of its own.
        if stream.shift != 0, a.flags.contains(.syn), a.window != b.window { return nil }
        let shift = stream.acknowledged
        let hasEqualACK =
            !a.flags.contains(.ack) && !b.flags.contains(.ack)
            || a.acknowledgmentNumber + shift == b.acknowledgmentNumber
        if !isIdentified, !hasEqualACK { return nil }
        let isContradicted =
            (a.payloadLength > 0 || shift == 0) && a.digest.contradicts(b.digest)
        if isContradicted, !isIdentified, !(a.hasTimestamps && hasEqualClock) { return nil }
        let delay = delays.delay(a.time, b.time, isOutward: stream.isOutward)
        let delayLimit = isIdentified ? TimedMatcher.longest : usual + TimedMatcher.extraDelay
        guard delay >= -delays.margin(a.time), delay <= delayLimit else { return nil }
        let same = [
            a.identification == b.identification, hasEqualClock, hasEqualACK, !isContradicted,
            a.flags == b.flags, a.window == b.window, a.checksum == b.checksum,
        ]
        return Candidate(
            near: near, far: far, differences: same.count { !$0 },
            oddity: (delay - usual).magnitude)
    }

    /// Copies of linked segments at one tap.
    private func findCopies(
        _ stream: Stream, _ tapSide: PairComparison.TapSide, _ pair: inout PairComparison
    ) {
        let numbers = stream.segments(at: tapSide)
        let segments = pair.tap(tapSide).segments
        let free = numbers.filter { pair.isFree($0, at: tapSide) }
        if free.isEmpty { return }
        let wanted = Set(free.map { stream.identity(segments[$0], at: tapSide) })
        let filter = SequenceFilter(wanted.lazy.map(\.sequenceNumber), count: wanted.count)
        var originals: [SegmentIdentity: Int] = [:]
        for number in numbers {
            let segment = segments[number]
            guard filter.mayContain(stream.number(segment.sequenceNumber, at: tapSide)),
                pair.fate(of: number, at: tapSide) == .arrived
            else { continue }
            let identity = stream.identity(segment, at: tapSide)
            if wanted.contains(identity) { originals[identity] = number }
        }
        for number in free {
            let segment = segments[number]
            let identity = stream.identity(segment, at: tapSide)
            guard let original = originals[identity],
                let other = pair.counterpart(of: original, at: tapSide),
                !segment.digest.contradicts(segments[original].digest)
            else { continue }
            // Without an identification, what was sent twice may have been lost once: only a receiver's copy is one.
            let isProved = segment.identification != 0
            let distance = (segment.time - segments[original].time).magnitude
            if isProved
                || tapSide != stream.senderTapSide && distance <= TimedMatcher.copyDistance
            {
                pair.setDuplicate(number, of: other, at: tapSide)
            }
        }
    }
}
