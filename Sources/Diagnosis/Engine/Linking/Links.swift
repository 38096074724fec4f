internal import TCPState
internal import Wire

/// Connections that may be parts of one: torn apart by a translator, or seen on both sides of it. They are kept
/// with what else they would be until all are known.
///
/// At most 4,096 parts, each with one connection and its findings: some 3 MB; and 4,096 open connections of 112
/// bytes. Of more only a share is kept, chosen by the numbers that the parts have in common: then all of them
/// are, or none, whatever order they come in.
struct Links: Sendable {
    static let limit = 4_096

    private(set) var candidates: [Candidate] = []
    /// Connections that are open and well, to which a stray segment may belong.
    private(set) var open: [Candidate] = []
    /// So many low bits of a hash have to be 0 for a part, or an open connection, to be kept.
    private var level = 0
    private var openLevel = 0

    /// Whether there is room for a part with these numbers.
    func keeps(_ candidate: Candidate) -> Bool {
        candidate.numbers.hash.trailingZeroBitCount >= level
    }

    /// Keeps an open connection, if there is room for one with its numbers.
    mutating func addOpen(
        _ record: borrowing @_addressable ConnectionRecord, _ service: Service
    ) {
        guard Numbers(open: record).hash.trailingZeroBitCount >= openLevel else { return }
        open.append(Candidate(open: record, service))
        _ = Links.thin(&open, &openLevel)
    }

    /// Keeps a part. Returns those that are not kept any more, or it.
    mutating func add(_ candidate: Candidate) -> [Candidate] {
        guard keeps(candidate) else { return [candidate] }
        candidates.append(candidate)
        return Links.thin(&candidates, &level)
    }

    /// Adds what another one kept; returns those that are not kept any more.
    mutating func add(
        _ other: Links, _ renumbered: ([FindingExample]) -> [FindingExample]
    ) -> [Candidate] {
        open += other.open
        _ = Links.thin(&open, &openLevel, atLeast: other.openLevel)
        for var candidate in other.candidates {
            candidate.examples = renumbered(candidate.examples)
            candidate.linkedExamples = renumbered(candidate.linkedExamples)
            candidates.append(candidate)
        }
        return Links.thin(&candidates, &level, atLeast: other.level)
    }

    /// Amortised O(1) for each part that was added.
    private static func thin(
        _ candidates: inout [Candidate], _ level: inout Int, atLeast other: Int = 0
    ) -> [Candidate] {
        var dropped: [Candidate] = []
        func drop() {
            let level = level
            func isBelow(_ candidate: Candidate) -> Bool {
                candidate.numbers.hash.trailingZeroBitCount < level
            }
            dropped += candidates.filter(isBelow)
            candidates.removeAll(where: isBelow)
        }
        if other != 0 || candidates.count > Links.limit {
            level = max(level, other)
            drop()
        }
        while candidates.count > Links.limit {
            level += 1
            drop()
        }
        return dropped
    }
}
