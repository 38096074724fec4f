public import Coding
import Memory
public import TCPState
import Wire

// The transitions of a part of a run, as bytes, without their connections.
extension TransitionHistory {
    /// What is left of the transitions, each as it stood at the end, in the order in which they were found; and whether
    /// the connection of each was amended.
    public var kept: some Sequence<(transition: Transition, isAmended: Bool)> {
        entries.indices.lazy.filter { owners[$0] != TransitionHistory.none }.map {
            (entries[$0], amended.contains(entries[$0].connection))
        }
    }

    /// Adds a transition of a part of the run, under its number in the run.
    public mutating func add(_ transition: Transition, isAmended: Bool) {
        entries.append(transition)
        owners.append(transition.connection)
        if isAmended { amended.insert(transition.connection) }
    }
}

// The history of a run that goes on later: what an entry is called stays.
extension TransitionHistory {
    /// Writes all entries, or reads them in the place of nothing; the connections are not included.
    public mutating func code(_ records: inout some RecordCoder) {
        var count = entries.count
        records.record { $0(&count) }
        guard records.isValid, 0...Int(Int32.max) ~= count else { return records.fail() }
        let size = 256
        for start in stride(from: 0, to: count, by: size) where records.isValid {
            records.record { coder in
                for index in start..<min(start + size, count) where coder.isValid {
                    code(index, &coder)
                }
            }
        }
    }

    private mutating func code(_ index: Int, _ coder: inout BinaryCoder) {
        var isWithdrawn = !coder.isReading && owners[index] == TransitionHistory.none
        var isAmended = !coder.isReading && amended.contains(entries[index].connection)
        coder(&isWithdrawn)
        coder(&isAmended)
        if coder.isReading {
            entries.append(Transition(from: &coder))
            owners.append(isWithdrawn ? TransitionHistory.none : entries[index].connection)
            if isAmended { amended.insert(entries[index].connection) }
        } else {
            coder(&entries[index])
        }
    }
}
