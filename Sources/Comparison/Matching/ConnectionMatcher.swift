internal import TCPState
internal import Wire

/// Finds the connections of two taps that are the same.
///
/// Equal addresses and ports come first, then equal initial sequence numbers, then equal time stamps of SYNs, then
/// equal numbers in the middle of streams. What was found is weighed by ``MatchEvidence``; a connection for which two
/// are equally good is matched with none. Expected time is linear in connections and segments.
struct ConnectionMatcher {
    private let near: Tap
    private let far: Tap
    /// The match of each connection of the second tap.
    private var taken: [Bool]
    private var isMatched: [Bool]
    private(set) var matches: [ConnectionMatch] = []

    /// Candidates that are weighed for one connection.
    private static let candidateLimit = 16
    /// Segments at either side of a stream's beginning that are looked up in the other tap.
    private static let sampleLimit = 16

    init(_ near: Tap, _ far: Tap) {
        self.near = near
        self.far = far
        taken = [Bool](repeating: false, count: far.connections.count)
        isMatched = [Bool](repeating: false, count: near.connections.count)
    }

    /// All matches, in the order of the first tap's connections.
    mutating func run() -> [ConnectionMatch] {
        matchTuples()
        match(by: initialSequenceNumber)
        match(by: openingTimestamp)
        matchMidStreams()
        var proxy = ProxyLegs(near, far)
        matches += proxy.match(isMatched, taken)
        matches.sort { $0.near < $1.near }
        return matches
    }

    // MARK: Equal addresses and ports

    private mutating func matchTuples() {
        var byKey: [FlowKey: [Int]] = [:]
        for (index, connection) in far.connections.enumerated() {
            byKey[connection.key, default: []].append(index)
        }
        // Equal initial sequence numbers first, so that no other life of the tuple takes their place.
        for isExact in [true, false] {
            var next: [FlowKey: Int] = [:]
            for (index, connection) in near.connections.enumerated() where !isMatched[index] {
                guard let all = byKey[connection.key] else { continue }
                // Lives of a tuple follow one another at both taps.
                let start = next[connection.key] ?? 0
                let window = all[start...].prefix(ConnectionMatcher.candidateLimit)
                let found = window.firstIndex { candidate in
                    !taken[candidate]
                        && (isExact
                            ? hasEqualStart(connection, far.connections[candidate])
                            : evidence(index, candidate, isSwapped: false).isEnough)
                }
                guard let found else { continue }
                next[connection.key] = found + 1
                add(index, all[found], isSwapped: false)
            }
        }
    }

    private func hasEqualStart(_ a: TapConnection, _ b: TapConnection) -> Bool {
        Side.allCases.contains { side in
            guard let mine = a.start(of: side), let yours = b.start(of: side) else { return false }
            return mine == yours
        }
    }

    private func evidence(_ near: Int, _ far: Int, isSwapped: Bool) -> MatchEvidence {
        MatchEvidence(self.near, near, self.far, far, isSwapped: isSwapped)
    }

    private mutating func add(_ near: Int, _ far: Int, isSwapped: Bool) {
        let isSame = self.near.connections[near].key == self.far.connections[far].key
        taken[far] = true
        isMatched[near] = true
        matches.append(
            ConnectionMatch(
                near: near, far: far, kind: isSame ? .same : .translated, isSwapped: isSwapped,
                shifts: evidence(near, far, isSwapped: isSwapped).shifts))
    }

    // MARK: Translation

    private func initialSequenceNumber(_ connection: TapConnection) -> UInt64? {
        connection.isOpenerKnown
            ? connection.start(of: connection.opener).map { UInt64($0.rawValue) } : nil
    }

    private func openingTimestamp(_ connection: TapConnection) -> UInt64? {
        guard connection.isOpenerKnown, let syn = connection[connection.opener],
            syn.options.present.contains(.timestamps), syn.options.timestampValue != 0
        else { return nil }
        return UInt64(syn.options.timestampValue)
    }

    /// Matches connections whose openers' SYNs have the same number in some field.
    private mutating func match(by number: (TapConnection) -> UInt64?) {
        var byNumber: [UInt64: [Int]] = [:]
        for (index, connection) in near.connections.enumerated() where !isMatched[index] {
            if let number = number(connection) { byNumber[number, default: []].append(index) }
        }
        guard !byNumber.isEmpty else { return }
        var candidates: [Int: [Int]] = [:]
        for (index, connection) in far.connections.enumerated() where !taken[index] {
            guard let number = number(connection) else { continue }
            for other in (byNumber[number] ?? []).prefix(ConnectionMatcher.candidateLimit) {
                candidates[other, default: []].append(index)
            }
        }
        choose(candidates) { near, far in
            near.opener != far.opener
        }
    }

    /// Matches each connection with its best candidate, where one is better than all others.
    private mutating func choose(
        _ candidates: [Int: [Int]], isSwapped: (TapConnection, TapConnection) -> Bool
    ) {
        for near in candidates.keys.sorted() where !isMatched[near] {
            let weighed = (candidates[near] ?? []).prefix(ConnectionMatcher.candidateLimit)
                .filter { !taken[$0] }
                .map { far in
                    let swapped = isSwapped(self.near.connections[near], self.far.connections[far])
                    return (far, swapped, evidence(near, far, isSwapped: swapped))
                }
                .filter(\.2.isEnough)
            guard let best = weighed.max(by: { $0.2.bits < $1.2.bits }) else { continue }
            if weighed.count(where: { $0.2.bits == best.2.bits }) > 1 { continue }
            add(near, best.0, isSwapped: best.1)
        }
    }

    // MARK: Streams without a beginning

    /// What a segment in the middle of a stream is found by: two numbers of 32 bits that no box has rewritten.
    private struct StreamPosition: Hashable {
        let sequenceNumber: UInt32
        let acknowledgmentNumber: UInt32

        init?(_ segment: TapSegment) {
            guard segment.flags.contains(.ack), segment.control.isEmpty else { return nil }
            sequenceNumber = segment.sequenceNumber.rawValue
            acknowledgmentNumber = segment.acknowledgmentNumber.rawValue
        }
    }

    /// Connections of which one tap saw no SYN: their first segments there are looked for at the other tap.
    private mutating func matchMidStreams() {
        for isNearLate in [true, false] {
            let (late, whole) = isNearLate ? (near, far) : (far, near)
            var positions: [StreamPosition: (connection: Int, side: Side)] = [:]
            for (index, connection) in late.connections.enumerated()
            where !connection.isOpenerKnown && !(isNearLate ? isMatched : taken)[index] {
                for side in Side.allCases {
                    let sent = late.segments[late.sent(by: side, of: index)]
                    for segment in sent.prefix(ConnectionMatcher.sampleLimit) {
                        guard let position = StreamPosition(segment) else { continue }
                        positions[position] = (index, side)
                    }
                }
            }
            guard !positions.isEmpty else { continue }
            var candidates: [Int: [Int]] = [:]
            var swaps: [Int: Bool] = [:]
            let filter = SequenceFilter(
                positions.keys.lazy.map { SequenceNumber($0.sequenceNumber) },
                count: positions.count)
            for connection in whole.connections.indices
            where !(isNearLate ? taken : isMatched)[connection] {
                for segment in whole.segments[whole.all(of: connection)]
                where filter.mayContain(segment.sequenceNumber) {
                    guard let position = StreamPosition(segment), let found = positions[position]
                    else { continue }
                    let (a, b) =
                        isNearLate ? (found.connection, connection) : (connection, found.connection)
                    if candidates[a]?.contains(b) == true { continue }
                    guard candidates[a]?.count ?? 0 < ConnectionMatcher.candidateLimit else {
                        continue
                    }
                    candidates[a, default: []].append(b)
                    swaps[a] = segment.side != found.side
                }
            }
            for a in candidates.keys.sorted() where !isMatched[a] {
                // Two numbers agree by chance once in 2^64 pairs; two of them lead to the same place in one case only.
                guard let all = candidates[a], all.count == 1, !taken[all[0]] else { continue }
                let b = all[0]
                guard sharesSegments(a, b) else { continue }
                add(a, b, isSwapped: swaps[a] ?? false)
            }
        }
    }

    /// Whether two connections have a data segment, or two other segments, in common.
    private func sharesSegments(_ a: Int, _ b: Int) -> Bool {
        var positions: Set<StreamPosition> = []
        var shared = 0
        for segment in near.segments[near.all(of: a)] {
            if let position = StreamPosition(segment) { positions.insert(position) }
        }
        for segment in far.segments[far.all(of: b)] {
            guard let position = StreamPosition(segment), positions.remove(position) != nil else {
                continue
            }
            shared += segment.payloadLength > 0 ? 2 : 1
            if shared >= 2 { return true }
        }
        return false
    }
}
