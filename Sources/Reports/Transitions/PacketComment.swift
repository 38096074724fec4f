public import Diagnosis
public import TCPState
public import Wire

/// What a comment on a packet says, in pcapng and thus in Wireshark.
public struct PacketComment: Sendable {
    private let spelling: StateSpelling

    /// Comments with states in a dialect.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// A change of state: `server ESTABLISHED → CLOSE_WAIT, proved`.
    public func text(_ transition: Transition, of record: ConnectionRecord) -> String {
        let timer = transition.timer.name.isEmpty ? "" : " by \(transition.timer.name)"
        return "\(record.connection.role(transition.side).name)"
            + " \(transition.from.name(spelling)) → \(transition.to.name(spelling)),"
            + " \(transition.grade.name)\(timer)"
    }

    /// What became of a change of state; with its connection where the packet is of another one.
    public func text(
        _ event: TransitionEvents.Event, _ transition: Transition, of record: ConnectionRecord,
        namesEnds: Bool
    ) -> String {
        let opener = record.connection.opener
        let ends = [opener, opener.peer].map { record.address($0).text(port: record.port($0)) }
        return (namesEnds ? "\(ends[0]) → \(ends[1]): " : "")
            + (event == .found ? "" : "\(event.rawValue): ") + text(transition, of: record)
    }

    /// A connection that has become stuck, or is so no longer.
    public func text(_ problem: FindingExample, hasEnded: Bool, at time: Timestamp) -> String {
        let states = Role.allCases.map { problem[$0].state.name(spelling) }
        let age = Age(time - problem.finding.since)
        return (hasEnded ? "no longer stuck: " : "stuck: ")
            + "\(problem.finding.diagnosis.name), \(problem.name(.client)) → \(problem.name(.server)),"
            + " \(states.joined(separator: " / ")), \(age), fault: \(problem.finding.fault.words)"
    }
}
