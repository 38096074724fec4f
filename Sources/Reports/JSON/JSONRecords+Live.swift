internal import Diagnosis
internal import TCPState
internal import Wire

extension JSONRecords {
    /// A connection that has become stuck, or is so no longer.
    struct StuckRow {
        let problem: FindingExample
        let hasEnded: Bool
        let time: Timestamp
        let location: EventLocation?
        let process: String?
        let group: FindingGroup
    }

    static let stuck = JSONRecord<StuckRow>(
        "stuck", "a line of `live`: a connection has become stuck, or no longer is",
        [
            .field(JSONTerms.event) { .text($0.hasEnded ? "cleared" : "stuck") },
            .field(JSONTerms.ts) { .time($0.time) },
            .field(JSONTerms.diagnosis) { .text($0.problem.finding.diagnosis.name) },
            .field(JSONTerms.severity) { .text($0.problem.finding.severity.name) },
            .field(JSONTerms.fault) { .text($0.problem.finding.fault.rawValue) },
            .field(JSONTerms.grade) { .text($0.problem.finding.grade.name) },
            .field(JSONTerms.client) {
                .end($0.problem.address(.client), $0.problem.port(.client))
            },
            .field(JSONTerms.server) {
                .end($0.problem.address(.server), $0.problem.port(.server))
            },
            .field(JSONTerms.clientState) { .state($0.problem.client.state) },
            .field(JSONTerms.serverState) { .state($0.problem.server.state) },
            .field(JSONTerms.since) { .time($0.problem.finding.since) },
            // What was there before the start has no frame.
            .field(JSONTerms.frame) { .frame($0.problem.finding.frame) },
            .field(JSONTerms.stream) { .integer(Int64($0.problem.stream)) },
            .field(JSONTerms.presentBeforeStart) {
                .flag($0.problem.anomalies.contains(.presentBefore))
            },
            .optional(JSONTerms.interface) { $0.location.map { .text($0.interface) } ?? .absent },
            .optional(JSONTerms.vlan) { $0.location?.vlan.map { .integer(Int64($0)) } ?? .absent },
            .field(JSONTerms.process) { .text($0.process) },
            .field(JSONTerms.title) { .text($0.group.title) },
            .field(JSONTerms.remedy) { .texts($0.group.remedy) },
        ])

    /// What became of a finding.
    struct FindingChangeRow {
        let group: FindingGroup
        let change: String
        let time: Timestamp
    }

    static let findingChange = JSONRecord<FindingChangeRow>(
        "finding_change", "a line of `live`: a finding has begun, grown or ended",
        [
            .field(JSONTerms.event) { _ in .text("finding") },
            .field(JSONTerms.change) { .text($0.change) },
            .field(JSONTerms.ts) { .time($0.time) },
            .field(JSONTerms.diagnosis) { .text($0.group.key.diagnosis.name) },
            .field(JSONTerms.severity) { .text($0.group.severity.name) },
            .field(JSONTerms.fault) { .text($0.group.key.fault.rawValue) },
            .field(JSONTerms.endpoint) { .text($0.group.key.end.name) },
            .field(JSONTerms.grade) { .text($0.group.grade.name) },
            .field(JSONTerms.service) { .text($0.group.key.service?.name) },
            .field(JSONTerms.count) { .count($0.group.count) },
            .field(JSONTerms.oldest) { .time($0.group.oldest) },
            .field(JSONTerms.newest) { .time($0.group.newest) },
            .field(JSONTerms.title) { .text($0.group.title) },
            .field(JSONTerms.remedy) { .texts($0.group.remedy) },
        ])

    /// A socket about which the kernel and the packets disagree, or do so no longer.
    struct DisagreementRow {
        let disagreement: Disagreement
        let hasEnded: Bool
        let time: Timestamp
        let local: String
        let remote: String
        let wire: State?
        let kernel: State?
        let process: String?
    }

    static let disagreement = JSONRecord<DisagreementRow>(
        "disagreement",
        "a line of `live --reconcile`: kernel and packets disagree about a socket, or agree again",
        [
            .field(JSONTerms.event) { .text($0.hasEnded ? "agreement" : "disagreement") },
            .field(JSONTerms.ts) { .time($0.time) },
            .field(JSONTerms.kind) { .text($0.disagreement.rawValue) },
            .field(JSONTerms.local) { .text($0.local) },
            .field(JSONTerms.remote) { .text($0.remote) },
            .field(JSONTerms.wireState) { .state($0.wire) },
            .field(JSONTerms.kernelState) { .state($0.kernel) },
            .field(JSONTerms.process) { .text($0.process) },
            .field(JSONTerms.rule) { .text($0.disagreement.rule) },
        ])

    static let notice = JSONRecord<(text: String, time: Timestamp)>(
        "notice", "a line of `live`: what happened to the capture itself",
        [
            .field(JSONTerms.event) { _ in .text("notice") },
            .field(JSONTerms.ts) { .time($0.time) },
            .field(JSONTerms.text) { .text($0.text) },
        ])

    static let interface = JSONRecord<InterfaceRow>(
        "interface", "a line of `interfaces`",
        [
            .field(JSONTerms.name) { .text($0.name) },
            .field(JSONTerms.description) { .text($0.description) },
            .field(JSONTerms.addresses) { .texts($0.addresses.map(\.description)) },
            .field(JSONTerms.flags) { .texts($0.flags) },
        ])
}
