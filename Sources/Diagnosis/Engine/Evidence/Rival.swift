internal import TCPState
internal import Wire

/// Another explanation of the packets that a diagnosis explains, and what would refute it.
///
/// A finding is proved only if facts of the capture refute every rival of its diagnosis: by each connection
/// alone, or by the capture as a whole.
struct Rival: Sendable {
    /// What else it may be.
    let explanation: Explanation
    /// The same in words, in one line without a full stop: what to rule out, and how.
    let doubt: @Sendable (Words) -> String
    /// Whether it is another explanation of such a group at all.
    let applies: @Sendable (FindingGroup) -> Bool
    /// The fact of a connection that refutes it; nil if none does.
    let ofConnection: (@Sendable (ConnectionExaminer, Finding) -> Fact?)?
    /// The fact of the capture that refutes it; nil if none does.
    let ofCapture: (@Sendable (Evidence) -> Fact?)?

    init(
        _ explanation: Explanation,
        where applies: @escaping @Sendable (FindingGroup) -> Bool = { _ in true },
        ofConnection: (@Sendable (ConnectionExaminer, Finding) -> Fact?)? = nil,
        ofCapture: (@Sendable (Evidence) -> Fact?)? = nil,
        doubt: @escaping @Sendable (Words) -> String
    ) {
        self.explanation = explanation
        self.applies = applies
        self.ofConnection = ofConnection
        self.ofCapture = ofCapture
        self.doubt = doubt
    }
}

/// What the capture as a whole says about a group.
struct Evidence {
    /// The group.
    let group: FindingGroup
    /// Its service's connections; nil without a service.
    let statistics: ServiceStatistics?
    /// The TTL of the SYN-ACKs of the service's host, whatever the port; nil without any.
    let hostTimeToLive: UInt8?
    /// What is known of the capture.
    let facts: CaptureFacts
    /// The finding of one connection, where it is about one.
    var example: FindingExample? { group.examples.first }
}

extension ConnectionExaminer {
    /// The rivals of a finding that this connection alone refutes.
    func refuted(_ finding: Finding) -> Explanations {
        var refuted: Explanations = []
        forEachRefutation(of: finding) { explanation, _ in
            refuted.insert(Explanations(explanation))
        }
        return refuted
    }

    /// The same with the facts.
    func refutations(of finding: Finding) -> [Refutation] {
        var refutations: [Refutation] = []
        forEachRefutation(of: finding) { explanation, fact in
            refutations.append(Refutation(explanation: explanation, fact: fact))
        }
        return refutations
    }

    @inline(__always)
    private func forEachRefutation(of finding: Finding, _ body: (Explanation, Fact) -> Void) {
        let rivals = finding.diagnosis.entry.rivals
        // By their places: a rival that is copied counts the users of all that it has.
        for index in rivals.indices {
            if let fact = rivals[index].ofConnection?(self, finding) {
                body(rivals[index].explanation, fact)
            }
        }
    }
}

/// An explanation and the fact that refutes it.
public struct Refutation: Sendable {
    /// What it is not.
    public let explanation: Explanation
    /// Why not.
    public let fact: Fact
}

extension FindingGroup {
    /// Weighs the rivals of its diagnosis: what is refuted, what is undecided, and how sure the finding is
    /// therefore. The only place where that is decided.
    ///
    /// - Parameter evidence: what the capture says; nil where no rival asks.
    mutating func weigh(_ evidence: Evidence?) {
        refutations = []
        undecided = []
        for rival in key.diagnosis.entry.rivals where rival.applies(self) {
            if let fact = fact(against: rival) ?? evidence.flatMap({ rival.ofCapture?($0) }) {
                refutations.append(Refutation(explanation: rival.explanation, fact: fact))
            } else {
                undecided.append(rival.explanation)
            }
        }
        let isWeighed = !refutations.isEmpty || key.diagnosis.entry.rivals.isEmpty
        if grade == .proved, !undecided.isEmpty || !isWeighed { grade = .inferred }
    }

    /// The fact by which each of its connections refutes a rival; nil if one does not.
    func fact(against rival: Rival) -> Fact? {
        guard refuted.contains(rival.explanation) else { return nil }
        return examples.first?.refutations.first { $0.explanation == rival.explanation }?.fact
    }

    /// What would explain the packets in another way, and is to be ruled out before one acts; empty if
    /// nothing is.
    public var refutation: String {
        let words = Words(group: self)
        let doubts = key.diagnosis.entry.rivals.filter { undecided.contains($0.explanation) }
            .map { $0.doubt(words) }
        return doubts.joined(separator: "; ")
    }
}
