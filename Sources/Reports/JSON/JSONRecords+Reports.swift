internal import Diagnosis
internal import TCPState
internal import Wire

extension JSONRecords {
    static let capture = JSONRecord<Report>(
        "capture", "what was read",
        [
            .field(JSONTerms.files) { .texts($0.input.files) },
            .field(JSONTerms.frames) { .count($0.input.frames) },
            .field(JSONTerms.segments) { .count($0.input.segments) },
            .field(JSONTerms.setAside) { report in
                .counts(report.input.setAside.map { ($0.reason.rawValue, $0.frames) })
            },
            .field(JSONTerms.skipped) { .count($0.input.skipped) },
            .field(JSONTerms.connectionCount) { .count($0.input.connections) },
            .field(JSONTerms.oneSided) { .count($0.quality.oneDirection) },
            .field(JSONTerms.vantage) {
                .text(($0.vantage ?? $0.summary.vantage.verdict)?.rawValue ?? "unknown")
            },
            .field(JSONTerms.vantageReason) { .text($0.tap) },
            .field(JSONTerms.firstSeen) { .time($0.input.first) },
            .field(JSONTerms.lastSeen) { .time($0.input.last) },
            .field(JSONTerms.wireBytes) { .count($0.input.wireBytes) },
            .field(JSONTerms.dropped) { .count($0.input.dropped) },
            .field(JSONTerms.evicted) { .count($0.input.evicted) },
            .field(JSONTerms.framesBackInTime) { .count($0.input.framesBackInTime) },
            .field(JSONTerms.problems) { .texts($0.input.problems) },
            .field(JSONTerms.schema) { _ in .integer(Int64(JSONSchema.version)) },
        ])

    /// A finding of a report.
    struct FindingRow {
        let group: FindingGroup
        let report: Report
    }

    static let finding = JSONRecord<FindingRow>(
        "finding", "connections of one service with the same diagnosis",
        [
            .field(JSONTerms.diagnosis) { .text($0.group.key.diagnosis.name) },
            .field(JSONTerms.also) { .text($0.group.key.diagnosis.otherName) },
            .field(JSONTerms.severity) { .text($0.group.severity.name) },
            .field(JSONTerms.fault) { .text($0.group.key.fault.rawValue) },
            .field(JSONTerms.endpoint) { .text($0.group.key.end.name) },
            .field(JSONTerms.grade) { .text($0.group.grade.name) },
            .field(JSONTerms.settled) { .flag($0.group.settled > 0) },
            .field(JSONTerms.service) { .text($0.group.key.service?.name) },
            .field(JSONTerms.count) { .count($0.group.count) },
            .field(JSONTerms.related) { .count($0.group.related) },
            .field(JSONTerms.countBeforeStart) { .count($0.group.presentBefore) },
            .field(JSONTerms.oldest) { .time($0.group.oldest) },
            .field(JSONTerms.newest) { .time($0.group.newest) },
            .field(JSONTerms.shortest) { .duration($0.group.lengths.lowerBound) },
            .field(JSONTerms.longest) { .duration($0.group.lengths.upperBound) },
            .field(JSONTerms.statePairs) { row in
                .objects { style in
                    row.group.statesByCount.map { statePair.object(StatePair($0), style) }
                }
            },
            .field(JSONTerms.title) { .text($0.group.title) },
            .field(JSONTerms.sentence) { .text($0.group.sentence) },
            .field(JSONTerms.refutedBy) {
                .text($0.group.refutation.isEmpty ? nil : $0.group.refutation)
            },
            .field(JSONTerms.rivals) { row in
                .objects { style in RivalRow.all(of: row.group).map { rival.object($0, style) } }
            },
            .field(JSONTerms.doubtful) { row in
                .texts(row.report.doubts(about: row.group).map(\.rawValue))
            },
            .field(JSONTerms.remedy) { .texts($0.group.remedy) },
            .field(JSONTerms.filter) { .text($0.report.displayFilter(of: $0.group)) },
            .field(JSONTerms.connections) { row in
                .objects { style in
                    row.group.examples.map {
                        findingConnection.object(
                            ExampleRow(example: $0, group: row.group, report: row.report), style)
                    }
                }
            },
        ])

    /// What else would explain the packets of a finding.
    struct RivalRow {
        let name: String
        let fact: String?
        let frame: UInt64?

        /// Those that facts of the capture refute, then those that none does.
        static func all(of group: FindingGroup) -> [RivalRow] {
            group.refutations.map {
                RivalRow(name: $0.explanation.name, fact: $0.fact.words, frame: $0.fact.frame)
            } + group.undecided.map { RivalRow(name: $0.name, fact: nil, frame: nil) }
        }
    }

    static let rival = JSONRecord<RivalRow>(
        "rival", "another explanation of the packets, and what refutes it",
        [
            .field(JSONTerms.rival) { .text($0.name) },
            .field(JSONTerms.fact) { .text($0.fact) },
            .field(JSONTerms.frame) { .frame($0.frame) },
        ])

    /// The states of both ends, and how many connections are in them.
    struct StatePair {
        let client: State
        let server: State
        let count: UInt64

        init(_ pair: (states: FindingGroup.States, count: UInt64)) {
            client = pair.states.client
            server = pair.states.server
            count = pair.count
        }
    }

    static let statePair = JSONRecord<StatePair>(
        "state_pair", "the states of both ends, and how many connections are in them",
        [
            .field(JSONTerms.clientState) { .state($0.client) },
            .field(JSONTerms.serverState) { .state($0.server) },
            .field(JSONTerms.count) { .count($0.count) },
        ])

    /// A connection of a finding.
    struct ExampleRow {
        let example: FindingExample
        let group: FindingGroup
        let report: Report

        /// No connection is surer than its finding.
        var grade: Grade {
            let own = example.finding.grade
            return own.rawValue > group.grade.rawValue ? own : group.grade
        }

        func end(_ role: Role) -> JSONValue { .end(example.address(role), example.port(role)) }
    }

    static let findingConnection = JSONRecord<ExampleRow>(
        "finding_connection", "a connection of a finding",
        [
            .field(JSONTerms.client) { $0.end(.client) },
            .field(JSONTerms.server) { $0.end(.server) },
            .field(JSONTerms.rolesKnown) { .flag($0.example.areRolesKnown) },
            .field(JSONTerms.localEndpoint) { .text($0.report.localRole(of: $0.example)) },
            .field(JSONTerms.process) { .text($0.example.process) },
            .field(JSONTerms.waitState) { .text($0.example.waitState?.name) },
            .field(JSONTerms.waitingFor) { .text($0.example.waitState?.waitsFor?.name) },
            .field(JSONTerms.grade) { .text($0.grade.name) },
            .field(JSONTerms.settled) { .flag($0.example.finding.isSettled) },
            .field(JSONTerms.presentBeforeStart) {
                .flag($0.example.anomalies.contains(.presentBefore))
            },
            .field(JSONTerms.since) { .time($0.example.finding.since) },
            .field(JSONTerms.age) { .duration(max(0, $0.report.end - $0.example.finding.since)) },
            .field(JSONTerms.length) { .duration($0.example.finding.length) },
            .field(JSONTerms.repeated) { .integer(Int64($0.example.finding.count)) },
            .field(JSONTerms.frame) { .frame($0.example.finding.frame) },
            .field(JSONTerms.laterFrame) { .frame($0.example.finding.laterFrame) },
            .field(JSONTerms.stream) { .integer(Int64($0.example.stream)) },
            .field(JSONTerms.filter) { .text($0.report.displayFilter(of: $0.example)) },
            .field(JSONTerms.clientState) { .state($0.example.client.state) },
            .field(JSONTerms.serverState) { .state($0.example.server.state) },
            .field(JSONTerms.clientEnd) { row in
                .object { end.object(EndRow(row.example.client), $0) }
            },
            .field(JSONTerms.serverEnd) { row in
                .object { end.object(EndRow(row.example.server), $0) }
            },
            .field(JSONTerms.anomalies) { .texts(anomalyNames($0.example.anomalies)) },
        ])

    static let quality = JSONRecord<CaptureFlaw>(
        "quality", "a flaw of the capture itself",
        [
            .field(JSONTerms.trap) { .text($0.kind.rawValue) },
            .field(JSONTerms.count) { .count($0.count) },
            .field(JSONTerms.total) { .count($0.total) },
            .field(JSONTerms.unit) { .text($0.unit.rawValue) },
            .field(JSONTerms.detail) { .text($0.detail.isEmpty ? nil : $0.detail) },
            .field(JSONTerms.effect) { .text($0.kind.effect) },
            .field(JSONTerms.blocks) { .texts($0.kind.castsDoubtOn.map(\.name)) },
        ])

    static let verdict = JSONRecord<Verdict>(
        "verdict", "what `check` says: whether all rules passed",
        [
            .field(JSONTerms.passed) { .flag(!$0.hasFailed) },
            .field(JSONTerms.rules) { verdict in
                .objects { style in verdict.outcomes.map { rule.object($0, style) } }
            },
            .field(JSONTerms.frames) { .count($0.report.input.frames) },
            .field(JSONTerms.connectionCount) { .count($0.report.input.connections) },
            .field(JSONTerms.findingCount) { .count(UInt64($0.report.findings.count)) },
            .field(JSONTerms.problems) { .texts($0.problems) },
            .field(JSONTerms.schema) { _ in .integer(Int64(JSONSchema.version)) },
        ])

    static let rule = JSONRecord<Verdict.Outcome>(
        "rule", "a rule of a check",
        [
            .field(JSONTerms.rule) { .text($0.rule.text) },
            .field(JSONTerms.passed) { .flag($0.findings.isEmpty) },
            .field(JSONTerms.findingCount) { .count(UInt64($0.findings.count)) },
            .field(JSONTerms.connectionCount) { outcome in
                .count(outcome.findings.reduce(0) { $0 &+ $1.count })
            },
        ])
}
