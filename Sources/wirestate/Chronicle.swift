import Reports
import TCPState
import Wire

/// The eventful segments and the transitions of the connections of a live run, to show one of them as a
/// ladder. Those that began long ago make room for new ones.
struct Chronicle {
    /// What is kept of one connection.
    struct Story {
        var rungs: [Ladder.Rung] = []
        var history: [Transition] = []
        var withdrawn: [(transition: Transition, frame: UInt64)] = []
    }

    private var stories: [UInt32: Story] = [:]
    /// The connections in the order in which they were first written about.
    private var order: [UInt32] = []
    private var first = 0

    /// How many connections are kept.
    private static let limit = 20_000
    /// How many segments of one are kept; the oldest go first.
    private static let segments = 400

    /// Notes what happened to a connection.
    mutating func note(_ note: LiveObserver.Note, frame: UInt64) {
        let transition = note.transition
        open(transition.connection)
        let serial = transition.connection
        let known = stories[serial]?.history.lastIndex {
            $0.side == transition.side && $0.event == transition.event
                && $0.frame == transition.frame
        }
        switch (note.event, known) {
        case (.withdrawn, let index?):
            stories[serial]?.history.remove(at: index)
            stories[serial]?.withdrawn.append((transition, frame))
        case (.confirmed, let index?), (.amended, let index?):
            stories[serial]?.history[index] = transition
        case (.found, _), (_, nil): stories[serial]?.history.append(transition)
        }
    }

    /// Notes a segment of a connection.
    mutating func note(_ rung: Ladder.Rung, of serial: UInt32) {
        open(serial)
        guard stories[serial]?.rungs.last?.frame != rung.frame else { return }
        stories[serial]?.rungs.append(rung)
        if stories[serial]?.rungs.count ?? 0 > Chronicle.segments {
            stories[serial]?.rungs.removeFirst()
        }
    }

    /// What is kept of a connection, as a ladder.
    func ladder(_ record: ConnectionRecord) -> Ladder {
        let story = stories[record.connection.serial] ?? Story()
        let rows = story.history.map { transition in
            let delay = record.connection[transition.side].delayToTap
            return TransitionRow(
                transition: transition, time: transition.time(delay: delay), timeInState: nil,
                record: record)
        }
        return Ladder(
            record: record, rungs: story.rungs, history: rows.sorted { $0.time < $1.time },
            withdrawn: story.withdrawn)
    }

    private mutating func open(_ serial: UInt32) {
        guard stories[serial] == nil else { return }
        stories[serial] = Story()
        order.append(serial)
        guard order.count - first > Chronicle.limit else { return }
        stories[order[first]] = nil
        first += 1
        if first > Chronicle.limit {
            order.removeFirst(first)
            first = 0
        }
    }
}
