public import Diagnosis
public import Reports
public import Wire

extension AddressSet {
    /// Reads addresses and prefixes, separated by commas.
    public init(argument: String) throws(ArgumentFailure) {
        self.init()
        for word in argument.split(separator: ",") where !add(word) {
            throw ArgumentFailure(
                "'\(word)' is not an address or prefix, such as 10.1.1.2, 10.1.0.0/16 or 2001:db8::/32"
            )
        }
        if isEmpty { throw ArgumentFailure("an address is missing") }
    }
}

extension FailRule {
    /// Reads rules, separated by commas.
    public static func list(_ argument: String) throws(ArgumentFailure) -> [FailRule] {
        var rules: [FailRule] = []
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let text = String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            guard let rule = FailRule(text) else {
                throw ArgumentFailure(
                    "'\(text)' is unknown; valid rules: \(FailRule.names.joined(separator: ", ")); each may"
                        + " be followed by ':' and a side, such as 'reset:client'")
            }
            rules.append(rule)
        }
        return rules
    }
}

extension Diagnosis {
    /// Reads kinds of findings, separated by commas.
    public static func list(_ argument: String) throws(ArgumentFailure) -> Set<Diagnosis> {
        var kinds: Set<Diagnosis> = []
        for word in argument.split(separator: ",") {
            guard let kind = Diagnosis(named: String(word)) else {
                let names = allCases.map(\.name).joined(separator: ", ")
                throw ArgumentFailure("'\(word)' is unknown; valid kinds: \(names)")
            }
            kinds.insert(kind)
        }
        return kinds
    }
}

extension ServicePattern {
    /// Reads services, separated by commas.
    public static func list(_ argument: String) throws(ArgumentFailure) -> [ServicePattern] {
        var patterns: [ServicePattern] = []
        for word in argument.split(separator: ",") {
            guard let pattern = ServicePattern(String(word)) else {
                throw ArgumentFailure(
                    "'\(word)' is not ADDRESS:PORT, :PORT, ADDRESS or ADDRESS/LENGTH")
            }
            patterns.append(pattern)
        }
        return patterns
    }
}
