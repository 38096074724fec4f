internal import TCPState
internal import Wire

// Refusals, judged by the other connections of the service and of its host.
extension FindingAggregator {
    /// REFUSED, judged by the service's other connections: a RST that does not come from where its SYN,ACKs
    /// come from is a device's; if none but SYNs with ECN are refused it does not like those; if others
    /// are served at the same time one of several backends refuses.
    ///
    /// - Parameter hosts: the times to live of hosts.
    func applyRefusalRule(_ all: inout Groups, _ hosts: [Address: UInt8]) {
        for key in all.keys.filter({ $0.diagnosis == .refused }) {
            guard var group = all[key], group.forms[.inVain] == 0,
                let statistics = statistics(of: key.service)
            else { continue }
            group.usualTimeToLive =
                statistics.usualTimeToLive ?? key.service.flatMap { hosts[$0.address] }
            group.measure = Int64(statistics.completed)
            let others = group.usualTimeToLive.map { usual in
                group.examples.contains { $0.reset.map { $0.timeToLive != usual } ?? false }
            }
            let isByOption =
                group.forms[.byOption] == group.count && statistics.completed > 0
                && statistics.completedWithECN == 0
            let isForeign = others ?? false
            guard isByOption || isForeign else {
                if statistics.hasCompleted(about: group.oldest),
                    statistics.hasCompleted(about: group.newest)
                {
                    group.forms = SmallCounter(.some, group.count)
                    group.grade = .inferred
                } else if group.forms[.byOption] < group.count {
                    group.forms = SmallCounter(.usual, group.count)
                }
                all[key] = group
                continue
            }
            all[key] = nil
            group.forms = SmallCounter(isByOption ? .byOption : .device, group.count)
            group.key.fault = .middlebox
            group.grade = isForeign ? group.grade : .inferred
            let measure = group.measure
            let usual = group.usualTimeToLive
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
            all[group.key]?.measure = measure
            all[group.key]?.usualTimeToLive = usual
        }
    }

    /// The time to live of most SYN,ACKs of each host, whatever the port. O(services).
    func timesToLiveByHost() -> [Address: UInt8] {
        var all: [Address: SmallCounter<UInt8>] = [:]
        for (place, service) in services.keys.enumerated() {
            all[service.address, default: SmallCounter()].add(services.values[place].timesToLive)
        }
        return all.compactMapValues { $0.mostFrequent { $0 } }
    }
}
