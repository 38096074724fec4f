import TCPState

/// What a check fails on, or expects: a finding by name, with the side at fault if that matters.
///
/// `close-wait-leak`, `zero-window-stall:server`, `reset:client` (any connection that the client
/// reset), `warning` (everything as bad as that, or worse).
public struct FailRule: Hashable, Sendable {
    /// How it was written.
    public let text: String
    private let name: String
    private let side: String?

    private static let severities: [String: Severity] = [
        "critical": .critical, "warning": .warning, "notice": .notice,
    ]

    /// What a rule can name, without the side.
    public static let names =
        ["critical", "warning", "notice", "reset"] + Diagnosis.allCases.map(\.name)

    /// Reads a rule; nil where it names nothing.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, parts.count <= 2, FailRule.names.contains(name) else {
            return nil
        }
        let side = parts.count == 2 ? parts[1] : nil
        if let side {
            let isEnd = Role.allCases.contains { $0.name == side }
            guard isEnd || (name != "reset" && Fault(named: side) != nil) else { return nil }
        }
        self.text = text
        self.name = name
        self.side = side
    }

    /// Whether a finding is what the check is to fail on. What is benign, or only the state at the end
    /// of the capture, never is.
    public func matches(_ group: FindingGroup) -> Bool {
        group.severity != .benign && group.settled > 0 && names(group)
    }

    /// Whether a finding is what the check expects: also what is benign, or only the state at the end of the
    /// capture.
    public func expects(_ group: FindingGroup) -> Bool { names(group) }

    private func names(_ group: FindingGroup) -> Bool {
        if name == "reset" {
            return group.key.diagnosis.isReset && (side == nil || group.key.end.name == side)
        }
        if let side, group.key.fault != Fault(named: side) { return false }
        if let severity = FailRule.severities[name] { return group.severity <= severity }
        return group.key.diagnosis.name == name || group.key.diagnosis.otherName == name
    }
}
