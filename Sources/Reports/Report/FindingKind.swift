public import Diagnosis

/// All findings of one diagnosis: what a report of many findings is rolled up by.
public struct FindingKind: Sendable {
    /// The diagnosis' name.
    public let name: String
    /// Its findings, one for each service and end, the worst first; at least one.
    public private(set) var groups: [FindingGroup]

    /// How many connections they have.
    public var connections: UInt64 { groups.reduce(0) { $0 &+ $1.count } }
    /// How many services they are at.
    public var services: Int { Set(groups.map(\.key.service)).count }

    /// The kinds of findings, in the order of the worst finding of each. O(n).
    public static func kinds(of findings: some Sequence<FindingGroup>) -> [FindingKind] {
        var kinds: [FindingKind] = []
        var places: [Diagnosis: Int] = [:]
        for finding in findings {
            if let place = places[finding.key.diagnosis] {
                kinds[place].groups.append(finding)
            } else {
                places[finding.key.diagnosis] = kinds.count
                kinds.append(FindingKind(name: finding.key.diagnosis.name, groups: [finding]))
            }
        }
        return kinds
    }
}
