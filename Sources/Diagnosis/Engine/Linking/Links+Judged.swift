internal import TCPState
internal import Wire

extension Links {
    /// The stories of parts that fit, what is left of the others, and how many connections of each service are copies
    /// of others. O(n log n).
    func judged() -> (linked: [Match], rest: [Candidate], copies: [Service: UInt64]) {
        // Parts are large: their places are sorted, not they.
        let all = candidates + open
        let candidates = all.indices.sorted { all[$0].tuple < all[$1].tuple }.map { all[$0] }
        var matches: [Int: Match] = [:]
        var taken: Set<Int> = []
        linkAnswers(candidates, &matches, &taken)
        linkStrays(candidates, &matches, &taken)
        let copies = linkTwins(candidates, &matches, &taken)
        let rest = candidates.indices.filter { !taken.contains($0) && candidates[$0].kind != .open }
        return (
            matches.keys.sorted().compactMap { matches[$0] },
            rest.map { candidates[$0] },
            copies
        )
    }

    /// A SYN, and the answer to it from another address.
    private func linkAnswers(
        _ candidates: [Candidate], _ matches: inout [Int: Match],
        _ taken: inout Set<Int>
    ) {
        var answers: [Numbers: Int] = [:]
        for index in candidates.indices where candidates[index].kind == .answer {
            answers[candidates[index].numbers] = index
        }
        for index in candidates.indices where candidates[index].kind == .asked {
            let asked = candidates[index]
            guard let other = answers[asked.numbers], candidates[other].client == asked.client,
                candidates[other].service.address != asked.service.address,
                let example = asked.examples.first
            else { continue }
            let name = candidates[other].service.address.text(port: candidates[other].service.port)
            matches[index] = Match(example: example, name: name, end: .server, form: .usual)
            taken.formUnion([index, other])
        }
    }

    /// A connection, and segments of it under another pair of addresses or ports.
    private func linkStrays(
        _ candidates: [Candidate], _ matches: inout [Int: Match],
        _ taken: inout Set<Int>
    ) {
        var strays: [Numbers: [Int]] = [:]
        for index in candidates.indices where candidates[index].kind == .stray {
            strays[candidates[index].numbers, default: []].append(index)
        }
        guard !strays.isEmpty else { return }
        let wholes = candidates.indices.filter {
            candidates[$0].kind == .waiting || candidates[$0].kind == .open
        }
        // Numbers that many have were made by a program.
        let indices = Dictionary(grouping: wholes) { candidates[$0].numbers }
        for index in wholes where indices[candidates[index].numbers]?.count ?? 0 <= 2 {
            let whole = candidates[index]
            let fitting = strays[whole.numbers, default: []].filter { other in
                whole.isTorn(from: candidates[other])
            }
            guard let other = fitting.first else { continue }
            let stray = candidates[other]
            guard let example = whole.examples.first ?? stray.linkedExamples.first
            else { continue }
            let name =
                stray.sender == .client
                ? stray.client.text(port: stray.clientPort)
                : stray.service.address.text(port: stray.service.port)
            matches[index] = Match(example: example, name: name, end: stray.sender, form: .past)
            taken.formUnion(fitting + [index])
        }
    }

    /// A connection that the capture has twice: before and behind a translator, or at two interfaces. It is
    /// counted once. Where its FIN is in one only, the translator has forgotten it. That they are the same shows
    /// in the initial numbers of both ends, the client's first time stamp or IP identification, and the time.
    ///
    /// - Returns: how many of each service are not counted.
    private func linkTwins(
        _ candidates: [Candidate], _ matches: inout [Int: Match],
        _ taken: inout Set<Int>
    ) -> [Service: UInt64] {
        var copies: [Service: UInt64] = [:]
        struct Origin: Hashable {
            let initial: Numbers
            let fingerprint: UInt64
        }
        var twins: [Origin: [Int]] = [:]
        for index in candidates.indices
        where !taken.contains(index) && candidates[index].fingerprint != 0 {
            guard let initial = candidates[index].initial else { continue }
            twins[Origin(initial: initial, fingerprint: candidates[index].fingerprint), default: []]
                .append(index)
        }
        for pair in twins.values where pair.count > 1 && pair.count <= 8 {
            let times = pair.map { candidates[$0].began }
            guard let first = times.min(), let last = times.max(), last - first < 1_000_000_000
            else { continue }
            if let waiting = pair.first(where: { candidates[$0].kind == .waiting }),
                let refused = pair.first(where: { candidates[$0].isFINRefused }),
                candidates[refused].tuple != candidates[waiting].tuple,
                let example = candidates[waiting].examples.first
            {
                let name = candidates[refused].client.text(port: candidates[refused].clientPort)
                matches[waiting] = Match(example: example, name: name, end: .client, form: .past)
                taken.formUnion(pair)
                continue
            }
            let known = Set(candidates[pair[0]].examples.map(\.finding.diagnosis))
            for other in pair.dropFirst()
            where candidates[other].examples.allSatisfy({ known.contains($0.finding.diagnosis) }) {
                taken.insert(other)
                copies[candidates[other].service, default: 0] += 1
            }
        }
        return copies
    }
}

extension Links.Candidate {
    /// Whether a stray's segments are this connection's, under another name of the end that sends them.
    fileprivate func isTorn(from stray: Links.Candidate) -> Bool {
        let isOther = stray.client != client || stray.clientPort != clientPort
        return stray.sender == .client
            ? stray.service == service && isOther
            : stray.service != service && !isOther
    }
}

extension FindingGroup {
    /// A connection as one story with its other part.
    init(_ match: Links.Match, _ limits: Thresholds) {
        var key = Key(match.example)
        key.diagnosis = .natBypassed
        key.end = match.end
        key.fault = .middlebox
        self.init(key)
        add(match.example, limits, keep: nil)
        forms = SmallCounter(match.form, count)
        worst = .warning
        grade = .proved
        settled = count
        link = match.name
    }
}
