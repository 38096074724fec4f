internal import TCPState
internal import Wire

/// Judges one connection by what all taps saw of it.
public struct PathExaminer {
    private let comparison: Comparison
    private let path: PathConnection
    /// The traces of segments with SYN, FIN or RST, and of those that were lost or made between taps, in the order in
    /// which their first taps saw them.
    private var traces: [(trace: SegmentTrace, flags: TCPFlags, isSequenced: Bool, hasData: Bool)] =
        []

    /// Calls the witnesses.
    public init(_ path: PathConnection, _ comparison: Comparison) {
        self.path = path
        self.comparison = comparison
        var known: Set<SegmentTrace.Sighting> = []
        for tap in path.seenBy {
            for number in notable(at: tap) { collect(number, at: tap, &known) }
        }
        let times = traces.map { time(of: $0.trace) }
        traces = traces.indices.sorted { (times[$0], $0) < (times[$1], $1) }.map { traces[$0] }
    }

    /// The segments of a tap with SYN, FIN or RST, and those that were lost or made between taps, in the order of the
    /// capture.
    private func notable(at tap: Int) -> [Int] {
        guard let part = path.parts[tap] else { return [] }
        let recording = comparison.taps[tap]
        let segments = recording.segments
        let after = tap < comparison.pairs.count ? comparison.pairs[tap] : nil
        let before = tap > 0 ? comparison.pairs[tap - 1] : nil
        func isOdd(_ fate: SegmentFate?) -> Bool { fate == .lost || fate == .injected }
        let found = recording.all(of: part).filter { number in
            !segments[number].control.isEmpty || isOdd(after?.fate(of: number, at: .near))
                || isOdd(before?.fate(of: number, at: .far))
        }
        return recording.inOrder(found)
    }

    /// - Parameter known: the first sighting of each trace so far.
    private mutating func collect(
        _ number: Int, at tap: Int, _ known: inout Set<SegmentTrace.Sighting>
    ) {
        let segment = comparison.taps[tap].segments[number]
        let trace = SegmentTrace(number, at: tap, of: path, comparison)
        guard known.insert(trace.sightings[0]).inserted else { return }
        traces.append((trace, segment.flags, segment.isSequenced, segment.payloadLength > 0))
    }

    // MARK: Verdicts

    /// What happened, the most telling first; never empty.
    public var verdicts: [PathVerdict] {
        var found: [PathVerdict] = []
        for role in Role.allCases {
            found += resets(of: role) + fins(of: role) + madeBetween(role)
            if let lost = losses(of: role) { found.append(lost) }
        }
        found += openingVerdicts() + errors() + alterations()
        if found.isEmpty { found.append(ending()) }
        let order = PathVerdict.Kind.allCases
        return found.enumerated().sorted {
            let (a, b) = (
                order.firstIndex(of: $0.element.kind), order.firstIndex(of: $1.element.kind)
            )
            return (a ?? 0, $0.offset) < (b ?? 0, $1.offset)
        }.map(\.element)
    }

    private func traces(
        of role: Role, _ flags: TCPFlags
    ) -> [SegmentTrace] {
        traces.filter { $0.trace.sender == role && $0.flags.isSuperset(of: flags) }.map(\.trace)
    }

    private func resets(of role: Role) -> [PathVerdict] {
        let all = resetTraces(of: role)
        let between = all.filter(\.isMadeBetween)
        let arrived = all.filter { !$0.isMadeBetween && !$0.isLost }
        let lost = all.filter { !$0.isMadeBetween && $0.isLost }
        return [
            between.first.map { verdict(.resetBetween, $0, $0.before, between.count) },
            arrived.first.map { verdict(.resetArrived, $0, nil, arrived.count) },
            arrived.isEmpty
                ? lost.first.map { verdict(.resetLost, $0, $0.after, lost.count) } : nil,
        ].compactMap(\.self)
    }

    /// The RSTs of an end, without those that only answer a late segment: without ACK, after both FINs have arrived.
    private func resetTraces(of role: Role) -> [SegmentTrace] {
        let fins = Role.allCases.compactMap { sender in
            traces(of: sender, .fin).first { !$0.isMadeBetween && !$0.isLost }.map(time(of:))
        }
        let closed = fins.count == 2 ? fins.max() : nil
        return traces.filter { trace, flags, _, _ in
            guard trace.sender == role, flags.contains(.rst) else { return false }
            guard let closed, !flags.contains(.ack), !trace.isMadeBetween else { return true }
            return time(of: trace) < closed
        }.map(\.trace)
    }

    private func fins(of role: Role) -> [PathVerdict] {
        let all = traces(of: role, .fin).filter { !$0.isMadeBetween }
        guard let last = all.last, all.allSatisfy(\.isLost) else { return [] }
        return [verdict(.finLost, last, last.after, all.count)]
    }

    /// Segments other than RSTs that appear behind a tap.
    private func madeBetween(_ role: Role) -> [PathVerdict] {
        let made = traces.filter {
            $0.trace.sender == role && $0.trace.isMadeBetween && !$0.flags.contains(.rst)
        }
        let answers = made.filter { $0.flags.isSuperset(of: [.syn, .ack]) }.map(\.trace)
        let starts = made.filter { $0.flags.intersection([.syn, .ack]) == .syn }.map(\.trace)
        let data = made.filter { $0.hasData && !$0.flags.contains(.syn) }.map(\.trace)
        let plain = made.filter { !$0.isSequenced }.map(\.trace)
        return [
            answers.first.map { verdict(.answeredBetween, $0, $0.before, answers.count) },
            starts.first.map { verdict(.openedBetween, $0, $0.before, starts.count) },
            data.first.map { verdict(.dataBetween, $0, $0.before, data.count) },
            plain.first.map { verdict(.acknowledgedBetween, $0, $0.before, plain.count) },
        ].compactMap(\.self)
    }

    /// What was lost of an end: all from some moment on, or here and there.
    private func losses(of role: Role) -> PathVerdict? {
        let lost = traces.filter {
            $0.trace.sender == role && $0.isSequenced && $0.trace.isLost && !$0.trace.isMadeBetween
                && $0.flags.isDisjoint(with: [.syn, .rst])
        }.map(\.trace)
        guard let first = lost.first, let last = lost.last else { return nil }
        guard let since = lastArrival(of: role) else {
            return verdict(.dropped, first, first.after, lost.count)
        }
        let trailing = lost.filter { self.time(of: $0) > since }
        if trailing.count >= 2, let start = trailing.first, !isOfFINs(trailing) {
            return verdict(.dropped, start, start.after, trailing.count)
        }
        if trailing.count == lost.count, isOfFINs(lost) { return nil }
        return verdict(.lossRecovered, last, last.after, lost.count)
    }

    /// Whether nothing but FINs without data is among some segments: that has a verdict of its own.
    private func isOfFINs(_ traces: [SegmentTrace]) -> Bool {
        traces.allSatisfy { trace in
            let first = trace.sightings[0]
            let segment = comparison.taps[first.tap].segments[first.segment]
            return segment.flags.contains(.fin) && segment.payloadLength == 0
        }
    }

    /// When the last segment of an end that takes up numbers passed its sender's tap and arrived; nil where none did.
    private func lastArrival(of role: Role) -> Timestamp? {
        let forward = path.goesForward(role)
        guard let tap = forward ? path.seenBy.first : path.seenBy.last, let part = path.parts[tap]
        else { return nil }
        let numbers = comparison.taps[tap].sent(by: path.side(role, at: tap), of: part)
        for number in numbers.reversed() {
            let segment = comparison.taps[tap].segments[number]
            guard segment.isSequenced || segment.flags.contains(.rst) else { continue }
            let trace = SegmentTrace(number, at: tap, of: path, comparison)
            if !trace.isLost, trace.after?.fate != .notCovered {
                return comparison.time(segment.time, at: tap)
            }
        }
        return nil
    }

    /// When the first tap saw a segment, by the clock of the comparison's first tap.
    private func time(of trace: SegmentTrace) -> Timestamp {
        let first = trace.sightings[0]
        return comparison.time(
            comparison.taps[first.tap].segments[first.segment].time, at: first.tap)
    }

    private func openingVerdicts() -> [PathVerdict] {
        let syns = traces(of: .client, .syn)
        let answers = traces(of: .server, [.syn, .ack]).filter { !$0.isMadeBetween }
        if let last = syns.last, syns.allSatisfy(\.isLost) {
            return [verdict(.synLost, last, last.after, syns.count)]
        }
        if let last = answers.last, answers.allSatisfy(\.isLost),
            !traces.contains(where: {
                $0.trace.sender == .server && $0.flags.contains(.syn) && $0.trace.isMadeBetween
            })
        {
            return [verdict(.synACKLost, last, last.after, answers.count)]
        }
        return []
    }

    // MARK: What boxes change

    private func alterations() -> [PathVerdict] {
        var found: [PathVerdict] = []
        for (index, match) in path.matches.enumerated() {
            guard let match, path.kinds[index] != .relayed else { continue }
            let pair = comparison.pairs[index]
            var changes: [OptionChange] = []
            var witness: SegmentTrace?
            for role in Role.allCases {
                guard let a = path.parts[index], let b = path.parts[index + 1] else { continue }
                let near = pair.near.connections[a][path.side(role, at: index)]
                let far = pair.far.connections[b][path.side(role, at: index + 1)]
                guard let near, let far else { continue }
                let isForward = path.goesForward(role)
                let own = OptionChange.all(
                    isForward ? near : far, isForward ? far : near, sender: role)
                changes += own
                if !own.isEmpty, witness == nil { witness = traces(of: role, .syn).first }
            }
            if let witness, !changes.isEmpty {
                found.append(
                    verdict(.altered, witness, gap(index, witness), changes.count, changes: changes)
                )
            }
            found += payloads(pair, index, match)
        }
        return found
    }

    private func gap(_ pair: Int, _ trace: SegmentTrace) -> SegmentTrace.Gap {
        let isForward = path.goesForward(trace.sender)
        return SegmentTrace.Gap(
            from: isForward ? pair : pair + 1, to: isForward ? pair + 1 : pair, fate: .arrived)
    }

    private func payloads(
        _ pair: PairComparison, _ index: Int, _ match: Int
    ) -> [PathVerdict] {
        guard let part = path.parts[index] else { return [] }
        let altered = pair.near.inOrder(pair.near.all(of: part).filter(pair.hasOtherPayload))
        guard let first = altered.first else { return [] }
        let trace = SegmentTrace(first, at: index, of: path, comparison)
        return [verdict(.payloadAltered, trace, gap(index, trace), altered.count)]
    }

    /// ICMP errors about the connection that a tap saw, and the next one towards their source did not.
    private func errors() -> [PathVerdict] {
        for tap in path.seenBy {
            let own = errors(at: tap)
            guard let first = own.first else { continue }
            let quoted: Role = first.side == path.side(.client, at: tap) ? .client : .server
            // The message travels to the sender of what it quotes, from the direction of its receiver.
            let source = path.goesForward(quoted) ? tap + 1 : tap - 1
            guard comparison.taps.indices.contains(source) else { continue }
            let others = errors(at: source).filter {
                $0.error.type == first.error.type && $0.error.code == first.error.code
            }
            guard others.isEmpty else { continue }
            let gap = SegmentTrace.Gap(from: source, to: tap, fate: .injected)
            return [
                PathVerdict(
                    kind: .errorBetween, sender: quoted.peer, gap: gap,
                    // A capture filter may have left all ICMP out there.
                    grade: comparison.taps[source].errors.isEmpty ? .assumed : .inferred,
                    evidence: [PathVerdict.Evidence(first, at: tap)], count: own.count,
                    usualTimeToLive: nil, changes: [])
            ]
        }
        return []
    }

    private func errors(at tap: Int) -> [TapICMP] {
        path.parts[tap].map { comparison.taps[tap].errors(of: $0) } ?? []
    }

    /// How a connection ended that nothing happened to.
    private func ending() -> PathVerdict {
        let fins = Role.allCases.compactMap { traces(of: $0, .fin).first }
        if fins.count == 2 {
            return verdict(.closed, fins.min { time(of: $0) < time(of: $1) } ?? fins[0], nil, 2)
        }
        return PathVerdict(
            kind: .unremarkable, sender: nil, gap: nil,
            grade: path.isRelayed ? .inferred : .proved, evidence: [], count: 0,
            usualTimeToLive: nil, changes: [])
    }

    // MARK: Evidence

    private func verdict(
        _ kind: PathVerdict.Kind, _ trace: SegmentTrace, _ gap: SegmentTrace.Gap?, _ count: Int,
        changes: [OptionChange] = []
    ) -> PathVerdict {
        let evidence = trace.sightings.map { sighting in
            PathVerdict.Evidence(
                comparison.taps[sighting.tap].segments[sighting.segment], at: sighting.tap)
        }
        let usual = usualTimeToLive(trace)
        var grade = Grade.inferred
        if evidence.count > 1, gap == nil || gap?.fate == .arrived, usual == nil { grade = .proved }
        if let gap, gap.fate != .arrived, isQuiet(trace, gap) { grade = .assumed }
        if path.isRelayed, grade == .proved { grade = .inferred }
        return PathVerdict(
            kind: kind, sender: trace.sender, gap: gap, grade: grade, evidence: evidence,
            count: count, usualTimeToLive: usual, changes: changes)
    }

    /// Whether a segment was lost or made at a time at which the tap that lacks it has no frame any more, or none yet.
    private func isQuiet(_ trace: SegmentTrace, _ gap: SegmentTrace.Gap) -> Bool {
        let isLost = trace.after.map { $0.from == gap.from && $0.to == gap.to } ?? false
        let (seen, missing) = isLost ? (gap.from, gap.to) : (gap.to, gap.from)
        guard let sighting = trace.sightings.first(where: { $0.tap == seen }) else { return true }
        let time = comparison.taps[seen].segments[sighting.segment].time
        let pair = comparison.pairs[min(seen, missing)]
        let moment = seen < missing ? pair.clock.far(time) : pair.clock.near(time)
        let counts = comparison.taps[missing].counts
        guard let first = counts.first, let last = counts.last else { return true }
        return moment < first || moment > last
    }

    /// The time to live of the sender's other segments at the first tap that saw this one; nil where it is the same.
    private func usualTimeToLive(_ trace: SegmentTrace) -> UInt8? {
        let first = trace.sightings[0]
        let tap = comparison.taps[first.tap]
        let own = tap.segments[first.segment]
        guard let part = path.parts[first.tap] else { return nil }
        let others = tap.sent(by: own.side, of: part).lazy
            .filter { $0 != first.segment }
            .map { tap.segments[$0] }
            .filter { !$0.flags.contains(.rst) }
        guard let usual = others.first?.timeToLive, usual != own.timeToLive else { return nil }
        return usual
    }
}
