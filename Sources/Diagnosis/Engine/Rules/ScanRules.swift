internal import TCPState
internal import Wire

// Who tries many ports, or many hosts.
extension FindingAggregator {
    /// Who tries which port of many hosts.
    struct Sweeper: Hashable {
        let client: Address
        let port: UInt16

        init(_ client: Address, _ key: FindingGroup.Key) {
            self.client = client
            port = key.service?.port ?? 0
        }
    }

    /// PORT SCAN over hosts: one address tries the same port of many.
    func sweeps(_ attempts: [Pair: Groups]) -> [Sweeper: FindingGroup] {
        var hosts: [Sweeper: Set<Address>] = [:]
        for (pair, groups) in attempts {
            for key in groups.keys {
                hosts[Sweeper(pair.client, key), default: []].insert(pair.server)
            }
        }
        let targets = hosts.filter { Int64($0.value.count) >= limits[.scanPorts] }
            .compactMapValues { hosts in hosts.min().map { (first: $0, count: hosts.count) } }
        guard !targets.isEmpty else { return [:] }
        var sweeps: [Sweeper: FindingGroup] = [:]
        let pairs = attempts.sorted {
            ($0.key.client, $0.key.server) < ($1.key.client, $1.key.server)
        }
        for (pair, groups) in pairs {
            for group in groups.sorted(by: { $0.value.order < $1.value.order }).map(\.value) {
                let sweeper = Sweeper(pair.client, group.key)
                guard let target = targets[sweeper] else { continue }
                let service = Service(address: target.first, port: sweeper.port)
                var sweep =
                    sweeps[sweeper]
                    ?? FindingGroup(
                        FindingGroup.Key(
                            diagnosis: .portScan, service: service, end: .client, fault: .client))
                sweep.add(group, keep: exampleLimit)
                sweep.worst = .warning
                sweep.grade = .proved
                sweep.measure = Int64(target.count)
                sweeps[sweeper] = sweep
            }
        }
        return sweeps
    }

    /// PORT SCAN: one address tries many ports of one host, which are closed or say nothing.
    func scan(_ pair: Pair, _ groups: Groups) -> FindingGroup? {
        guard Int64(groups.count) >= limits[.scanPorts] else { return nil }
        let ports = Set(groups.keys.compactMap { $0.service?.port })
        guard Int64(ports.count) >= limits[.scanPorts] else { return nil }
        let service = Service(address: pair.server, port: 0)
        var scan = FindingGroup(
            FindingGroup.Key(
                diagnosis: .portScan, service: service, end: .client, fault: .client))
        for group in groups.sorted(by: { $0.value.order < $1.value.order }).map(\.value) {
            scan.add(group, keep: exampleLimit)
        }
        scan.worst = .warning
        scan.isHorizontal = false
        scan.grade = .proved
        scan.measure = Int64(ports.count)
        return scan
    }

    /// What a scanner, or its kernel, resets as soon as it is open belongs to its scan.
    func applyScannerRule(_ all: inout Groups) {
        let scans = all.keys.filter { $0.diagnosis == .portScan }
        let scanners = Set(scans.compactMap { all[$0]?.examples.first?.address(.client) })
        guard !scanners.isEmpty else { return }
        for key in all.keys.filter({ $0.diagnosis == .abortiveClose && $0.end == .client }) {
            guard let group = all[key],
                group.forms[.inHandshake] + group.forms[.atOnce] == group.count,
                group.examples.allSatisfy({ scanners.contains($0.address(.client)) })
            else { continue }
            all[key] = nil
        }
    }
}
