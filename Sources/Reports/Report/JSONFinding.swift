internal import Diagnosis
internal import TCPState
internal import Wire

extension JSONReport {
    /// A group of connections with the same diagnosis, and its examples.
    func object(_ group: FindingGroup, _ report: Report) -> JSONObject {
        var object = JSONObject()
        object.add("diagnosis", group.key.diagnosis.name)
        if let other = group.key.diagnosis.otherName { object.add("also", other) }
        object.add("severity", group.severity.name)
        object.add("fault", group.key.fault.rawValue)
        object.add("end", group.key.end.name)
        object.add("grade", group.grade.name)
        object.add("settled", group.settled > 0)
        object.add("service", group.key.service?.name)
        object.add("count", group.count)
        object.add("related", group.related)
        if group.presentBefore > 0 { object.add("present_before_start", group.presentBefore) }
        object.add("oldest", group.oldest.nanoseconds)
        object.add("newest", group.newest.nanoseconds)
        object.add("shortest", group.lengths.lowerBound.nanoseconds)
        object.add("longest", group.lengths.upperBound.nanoseconds)
        var states = JSONObject()
        for row in group.statesByCount {
            let client = row.states.client.name(report.spelling)
            let server = row.states.server.name(report.spelling)
            states.add("\(client) / \(server)", row.count)
        }
        object.add("states", states)
        object.add("title", group.title)
        object.add("sentence", group.sentence)
        object.add("refuted_by", group.refutation.isEmpty ? nil : group.refutation)
        object.add("rivals", rivals(group, report))
        object.add("doubtful", report.doubts(about: group).map(\.rawValue))
        object.add("remedy", group.remedy)
        object.add("filter", report.displayFilter(of: group))
        object.add("connections", group.examples.map { self.object($0, of: group, report) })
        return object
    }

    /// What else would explain the packets: with the fact that refutes it, or null where none does.
    private func rivals(_ group: FindingGroup, _ report: Report) -> [JSONObject] {
        let refuted = group.refutations.map { refutation in
            var object = JSONObject()
            object.add("rival", refutation.explanation.name)
            object.add("refuted_by", refutation.fact.words)
            object.add("frame", refutation.fact.frame.map { report.account.numbering.number($0) })
            return object
        }
        return refuted
            + group.undecided.map { rival in
                var object = JSONObject()
                object.add("rival", rival.name)
                object.add("refuted_by", nil as String?)
                return object
            }
    }

    private func object(
        _ example: FindingExample, of group: FindingGroup, _ report: Report
    ) -> JSONObject {
        let finding = example.finding
        let numbering = report.account.numbering
        var object = JSONObject()
        object.add("client", example.name(.client))
        object.add("server", example.name(.server))
        object.add("roles_known", example.areRolesKnown)
        if !report.overview.localAddresses.isEmpty {
            object.add("local", report.localRole(of: example))
        }
        if let process = example.process { object.add("process", process) }
        object.add("situation", example.situation?.name)
        object.add("waiting_for", example.situation?.waitsFor?.name)
        object.add(
            "grade",
            (finding.grade.rawValue > group.grade.rawValue ? finding.grade : group.grade).name)
        object.add("settled", finding.isSettled)
        object.add("since", finding.since.nanoseconds)
        object.add("age", max(0, report.end - finding.since).nanoseconds)
        object.add("length", finding.length.nanoseconds)
        object.add("repeated", finding.count)
        if let file = numbering.file(finding.frame) { object.add("file", file) }
        object.add("frame", numbering.number(finding.frame))
        object.add("later_frame", finding.laterFrame.map { numbering.number($0) })
        object.add("stream", example.stream)
        object.add("filter", report.displayFilter(of: example))
        for role in Role.allCases { object.add(role.name + "_end", end(example[role], report)) }
        object.add("anomalies", anomalyNames(example.anomalies))
        return object
    }

    private func end(_ end: FindingExample.End, _ report: Report) -> JSONObject {
        let numbering = report.account.numbering
        let isKnown = end.state != .unknown
        var object = JSONObject()
        object.add("state", end.state.name(report.spelling))
        object.add("grade", end.grade.name)
        object.add("since", isKnown ? end.since.nanoseconds : nil)
        object.add("frame", isKnown ? numbering.number(end.frame) : nil)
        if isKnown, let file = numbering.file(end.frame) { object.add("file", file) }
        object.add("unacknowledged", end.unacknowledgedBytes)
        object.add("unanswered_retransmissions", end.unansweredRetransmissions)
        object.add("unanswered_keepalives", end.unansweredKeepalives)
        return object
    }
}
