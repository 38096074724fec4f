public import Diagnosis

/// What became of a finding of a live run.
public struct FindingChange: Sendable {
    /// What.
    public enum Kind: String, Sendable {
        /// It is there from now on.
        case opened
        /// It has twice as many connections as when it was told of last, or more, or is worse.
        case grew
        /// Nothing of it is left.
        case closed
    }

    /// What.
    public let kind: Kind
    /// The finding as it is, or was last.
    public let group: FindingGroup
}

/// Which findings have been told of, so that a change is told of once.
struct ToldFindings: Sendable {
    private struct Entry {
        var group: FindingGroup
        /// The next number of connections that is told of.
        var next: UInt64
        var severity: Severity
    }

    private var entries: [FindingGroup.Key: Entry] = [:]

    /// Compares what is found now with what was told.
    mutating func changes(to groups: [FindingGroup]) -> [FindingChange] {
        var changes: [FindingChange] = []
        var gone = entries
        for group in groups where group.severity < .benign {
            gone[group.key] = nil
            guard let entry = entries[group.key] else {
                changes.append(FindingChange(kind: .opened, group: group))
                emit(group)
                continue
            }
            if group.count >= entry.next || group.severity < entry.severity {
                changes.append(FindingChange(kind: .grew, group: group))
                emit(group)
            } else {
                entries[group.key]?.group = group
            }
        }
        for (key, entry) in gone {
            entries[key] = nil
            changes.append(FindingChange(kind: .closed, group: entry.group))
        }
        return changes.sorted { a, b in
            let (one, other) = (a.group, b.group)
            return (one.severity, one.oldest, one.key.diagnosis.name)
                < (other.severity, other.oldest, other.key.diagnosis.name)
        }
    }

    private mutating func emit(_ group: FindingGroup) {
        // The next power of two above it.
        let bits = UInt64.bitWidth - group.count.leadingZeroBitCount
        entries[group.key] = Entry(
            group: group, next: bits < 63 ? 1 << UInt64(bits) : .max, severity: group.severity)
    }
}
