extension FindingAggregator {
    /// Adds what was collected elsewhere.
    ///
    /// - Parameter stream: the number that a stream has in this run; nil if it has the same one.
    public mutating func add(_ other: FindingAggregator, stream: ((UInt32) -> UInt32)? = nil) {
        func renumbered(_ examples: [FindingExample]) -> [FindingExample] {
            guard let stream else { return examples }
            return examples.map {
                var example = $0
                example.stream = stream(example.stream)
                return example
            }
        }
        func renumbered(_ group: FindingGroup) -> FindingGroup {
            var group = group
            group.examples = renumbered(group.examples)
            return group
        }
        func merge(
            _ groups: [FindingGroup.Key: FindingGroup],
            into all: inout [FindingGroup.Key: FindingGroup]
        ) {
            for (key, group) in groups {
                all[key, default: FindingGroup(key)].add(renumbered(group), keep: exampleLimit)
            }
        }
        for group in other.members.values {
            members.values[index(ofMember: group.key)].add(renumbered(group), keep: exampleLimit)
        }
        for (pair, groups) in other.attempts { merge(groups, into: &attempts[pair, default: [:]]) }
        for (service, other) in zip(other.services.keys, other.services.values) {
            guard let index = index(of: service) else { continue }
            var statistics = other
            statistics.incomplete = renumbered(statistics.incomplete)
            services.values[index].add(statistics, keep: exampleLimit)
        }
        for (checked, visits) in other.checks {
            var sum = checks[checked] ?? Checks(checks: FindingGroup(visits.checks.key))
            for time in visits.times { sum.add(time) }
            sum.checks.add(renumbered(visits.checks), keep: exampleLimit)
            merge(visits.otherwise, into: &sum.otherwise)
            checks[checked] = sum
        }
        for (waitKey, group) in zip(other.waits.keys, other.waits.values) {
            guard let index = index(of: waitKey) else { continue }
            waits.values[index].add(renumbered(group), keep: exampleLimit)
        }
        lone.add(other.lone, keep: exampleLimit)
        for candidate in links.add(other.links, renumbered) { add(candidate) }
        completers.add(other.completers)
        for (address, last) in zip(other.heard.keys, other.heard.values) {
            let index = heard.index(of: address) ?? heard.add(address, last)
            heard.values[index] = max(heard.values[index], last)
        }
        if other.previewsAll { return }
        sketches.attempts.add(other.sketches.attempts)
        sketches.settled.add(other.sketches.settled)
        sketches.waits.add(other.sketches.waits)
        sketches.sources.add(other.sketches.sources)
        isPreviewed = isPreviewed || other.isPreviewed
    }
}
