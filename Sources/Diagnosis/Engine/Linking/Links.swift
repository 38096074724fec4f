internal import TCPState
internal import Wire

/// Connections that may be parts of one: torn apart by a translator, or seen on both sides of it. They are kept
/// with what else they would be until all are known.
///
/// At most 4,096 parts, each with one connection and its findings: some 8 MB; and 4,096 open connections of 64
/// bytes. Of more only a share is kept, chosen by the numbers that the parts have in common: then all of them
/// are, or none, whatever order they come in.
struct Links: Sendable {
    static let limit = 4_096

    private(set) var parts: [Part] = []
    /// Connections that are open and well, to which a stray segment may belong.
    private(set) var open: [Part] = []
    /// So many low bits of a hash have to be 0 for a part, or an open connection, to be kept.
    private var level = 0
    private var openLevel = 0

    /// Whether there is room for what has these numbers.
    func keeps(_ part: Part) -> Bool {
        part.numbers.hash.trailingZeroBitCount >= (part.kind == .open ? openLevel : level)
    }

    /// Keeps a part. Returns those that are not kept any more, or it.
    mutating func add(_ part: Part) -> [Part] {
        guard keeps(part) else { return [part] }
        if part.kind == .open {
            open.append(part)
            _ = Links.thin(&open, &openLevel)
            return []
        }
        parts.append(part)
        return Links.thin(&parts, &level)
    }

    /// Adds what another one kept; returns those that are not kept any more.
    mutating func add(_ other: Links, _ renumbered: (FindingGroup) -> FindingGroup) -> [Part] {
        open += other.open
        _ = Links.thin(&open, &openLevel, atLeast: other.openLevel)
        for var part in other.parts {
            part.groups = part.groups.map(renumbered)
            part.story = part.story.map(renumbered)
            parts.append(part)
        }
        return Links.thin(&parts, &level, atLeast: other.level)
    }

    /// Amortised O(1) for each part that was added.
    private static func thin(
        _ parts: inout [Part], _ level: inout Int, atLeast other: Int = 0
    ) -> [Part] {
        var dropped: [Part] = []
        func drop() {
            let level = level
            func isBelow(_ part: Part) -> Bool { part.numbers.hash.trailingZeroBitCount < level }
            dropped += parts.filter(isBelow)
            parts.removeAll(where: isBelow)
        }
        if other != 0 || parts.count > Links.limit {
            level = max(level, other)
            drop()
        }
        while parts.count > Links.limit {
            level += 1
            drop()
        }
        return dropped
    }
}
