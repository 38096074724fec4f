internal import TCPState
internal import Wire

// What the way between two hosts, or the place of the tap, explains.
extension FindingAggregator {
    /// IDLE-TIMEOUT BLACKHOLE takes a peer that is alive: it sent something on another connection after
    /// this one was left without an answer. Otherwise the peer is gone: RETRANSMIT UNTIL DEATH.
    func mergeBlackholes(_ all: inout Groups) {
        for key in all.keys.filter({ $0.diagnosis == .idleTimeoutBlackhole }) {
            guard var group = all[key], let service = key.service,
                let example = group.examples.first
            else { continue }
            let statistics = statistics(of: service)
            let host = example.address(key.end.peer)
            var last = heard[host] ?? .distantPast
            if key.end == .client { last = max(last, statistics?.heard ?? .distantPast) }
            if last > group.newest {
                group.measure = statistics?.survivedGap.nanoseconds ?? 0
                all[key] = group
                continue
            }
            all[key] = nil
            group.key.diagnosis = .retransmitUntilDeath
            group.key.fault = .path
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }

    /// SYN FILTERED where the capture was taken on the server: its own host drops them.
    func mergeFilters(
        _ all: inout Groups, _ servers: Set<Address>
    ) {
        for key in all.keys.filter({ $0.diagnosis == .synFiltered }) {
            guard let service = key.service, servers.contains(service.address),
                var group = all[key]
            else { continue }
            all[key] = nil
            group.key.fault = .server
            all[group.key] = group
        }
    }

    /// Clients that owe a FIN for a short while, of a service whose translator has removed such connections: their
    /// FINs will come from another address.
    func applyBypassRule(_ all: inout Groups) {
        for key in all.keys.filter({ $0.diagnosis == .natBypassed && $0.end == .client }) {
            let waiting = FindingGroup.Key(
                diagnosis: .closeWaitLeak, service: key.service, end: .client, fault: .client)
            if all[waiting]?.settled == 0 { all[waiting] = nil }
        }
    }

    /// REQUEST UNANSWERED while the clients still wait: several of one service, and none of its clients has had an
    /// answer since.
    func applyHungServiceRule(_ all: inout Groups) {
        for key in all.keys.filter({ $0.diagnosis == .requestUnanswered }) {
            guard var group = all[key], group.forms[.silence] == group.count,
                let statistics = statistics(of: key.service),
                group.oldest >= statistics.lastAnswered,
                Int64(group.count) >= limits[.queueCount], statistics.lastAnswered != .distantPast,
                group.lengths.lowerBound >= 4 * limits[.answerTime]
            else { continue }
            group.worst = .warning
            all[key] = group
        }
    }
}
