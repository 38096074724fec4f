internal import TCPState
internal import Wire

extension Links {
    /// The stories of parts that fit, what is left of the others, and how many connections of each service are copies
    /// of others. O(n log n).
    func judged() -> (linked: [FindingGroup], rest: [Part], copies: [Service: UInt64]) {
        // Parts are large: their places are sorted, not they.
        let all = parts + open
        let parts = all.indices.sorted { all[$0].place < all[$1].place }.map { all[$0] }
        var stories: [Int: FindingGroup] = [:]
        var taken: Set<Int> = []
        joinAnswers(parts, &stories, &taken)
        joinStrays(parts, &stories, &taken)
        let copies = joinTwins(parts, &stories, &taken)
        let rest = parts.indices.filter { !taken.contains($0) && parts[$0].kind != .open }
        return (
            stories.keys.sorted().compactMap { stories[$0] },
            rest.map { parts[$0] },
            copies
        )
    }

    /// A SYN, and the answer to it from another address.
    private func joinAnswers(
        _ parts: [Part], _ stories: inout [Int: FindingGroup], _ taken: inout Set<Int>
    ) {
        var answers: [Numbers: Int] = [:]
        for index in parts.indices where parts[index].kind == .answer {
            answers[parts[index].numbers] = index
        }
        for index in parts.indices where parts[index].kind == .asked {
            let asked = parts[index]
            guard let other = answers[asked.numbers], parts[other].client == asked.client,
                parts[other].service.address != asked.service.address,
                let group = asked.groups.first
            else { continue }
            let name = parts[other].service.address.text(port: parts[other].service.port)
            stories[index] = group.linked(to: name, end: .server, form: .usual)
            taken.formUnion([index, other])
        }
    }

    /// A connection, and segments of it under another pair of addresses or ports.
    private func joinStrays(
        _ parts: [Part], _ stories: inout [Int: FindingGroup], _ taken: inout Set<Int>
    ) {
        var strays: [Numbers: [Int]] = [:]
        for index in parts.indices where parts[index].kind == .stray {
            strays[parts[index].numbers, default: []].append(index)
        }
        let wholes = parts.indices.filter {
            parts[$0].kind == .waiting || parts[$0].kind == .open
        }
        // Numbers that many have were made by a program.
        let places = Dictionary(grouping: wholes) { parts[$0].numbers }
        for index in wholes where places[parts[index].numbers]?.count ?? 0 <= 2 {
            let whole = parts[index]
            let fitting = strays[whole.numbers, default: []].filter { other in
                whole.isTorn(from: parts[other])
            }
            guard let other = fitting.first else { continue }
            let stray = parts[other]
            guard let group = whole.groups.first ?? stray.story else { continue }
            let name =
                stray.sender == .client
                ? stray.client.text(port: stray.clientPort)
                : stray.service.address.text(port: stray.service.port)
            stories[index] = group.linked(to: name, end: stray.sender, form: .past)
            taken.formUnion(fitting + [index])
        }
    }

    /// A connection that the capture has twice: before and behind a translator, or at two interfaces. It is
    /// counted once. Where its FIN is in one only, the translator has forgotten it. That they are the same shows
    /// in the initial numbers of both ends, the client's first time stamp or IP identification, and the time.
    ///
    /// - Returns: how many of each service are not counted.
    private func joinTwins(
        _ parts: [Part], _ stories: inout [Int: FindingGroup], _ taken: inout Set<Int>
    ) -> [Service: UInt64] {
        var copies: [Service: UInt64] = [:]
        struct Origin: Hashable {
            let initial: Numbers
            let mark: UInt64
        }
        var twins: [Origin: [Int]] = [:]
        for index in parts.indices where !taken.contains(index) && parts[index].mark != 0 {
            guard let initial = parts[index].initial else { continue }
            twins[Origin(initial: initial, mark: parts[index].mark), default: []].append(index)
        }
        for pair in twins.values where pair.count > 1 && pair.count <= 8 {
            let times = pair.map { parts[$0].began }
            guard let first = times.min(), let last = times.max(), last - first < 1_000_000_000
            else { continue }
            if let waiting = pair.first(where: { parts[$0].kind == .waiting }),
                let refused = pair.first(where: { parts[$0].isFINRefused }),
                parts[refused].place != parts[waiting].place,
                let group = parts[waiting].groups.first
            {
                let name = parts[refused].client.text(port: parts[refused].clientPort)
                stories[waiting] = group.linked(to: name, end: .client, form: .past)
                taken.formUnion(pair)
                continue
            }
            let known = Set(parts[pair[0]].groups.map(\.key.diagnosis))
            for other in pair.dropFirst()
            where parts[other].groups.allSatisfy({ known.contains($0.key.diagnosis) }) {
                taken.insert(other)
                copies[parts[other].service, default: 0] += 1
            }
        }
        return copies
    }
}

extension Links.Part {
    /// Whether a stray's segments are this connection's, under another name of the end that sends them.
    fileprivate func isTorn(from stray: Links.Part) -> Bool {
        let isOther = stray.client != client || stray.clientPort != clientPort
        return stray.sender == .client
            ? stray.service == service && isOther
            : stray.service != service && !isOther
    }
}

extension FindingGroup {
    /// The same as one story with its other part.
    fileprivate func linked(to name: String, end: Role, form: Finding.Form) -> FindingGroup {
        var group = self
        group.key = Key(
            diagnosis: .natBypassed, service: key.service, end: end, fault: .middlebox)
        group.forms = SmallCounter(form, count)
        group.worst = .warning
        group.grade = .proved
        group.settled = count
        group.link = name
        return group
    }
}
