import TCPState

/// What a check is to fail on: a finding by name, with the side at fault if that matters.
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

    /// Reads a rule; nil where it names nothing.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let names = Diagnosis.allCases.flatMap { [$0.name, $0.otherName].compactMap { $0 } }
        guard let name = parts.first, parts.count <= 2,
            names.contains(name) || name == "reset" || FailRule.severities[name] != nil
        else { return nil }
        let side = parts.count == 2 ? parts[1] : nil
        if let side {
            let isEnd = Role.allCases.contains { $0.name == side }
            guard isEnd || (name != "reset" && Fault(rawValue: side) != nil) else { return nil }
        }
        self.text = text
        self.name = name
        self.side = side
    }

    /// Whether a finding is what the check is to fail on. What is benign, or only the state at the end
    /// of the capture, never is.
    public func matches(_ group: FindingGroup) -> Bool {
        guard group.severity != .benign, group.settled > 0 else { return false }
        if name == "reset" {
            return group.key.diagnosis.isReset && (side == nil || group.key.end.name == side)
        }
        if let side, group.key.fault.rawValue != side { return false }
        if let severity = FailRule.severities[name] { return group.severity <= severity }
        return group.key.diagnosis.name == name || group.key.diagnosis.otherName == name
    }
}
