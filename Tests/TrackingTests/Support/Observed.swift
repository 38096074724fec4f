import TCPState
import TestKit
import Tracking
import Wire

/// What the tracker says about some packets: the final history.
struct Observed {
    /// One transition that stands at the end.
    struct Change {
        var from: State
        var to: State
        var grade: Grade
        /// The last time, on the tap's clock, at which its cause was seen.
        var seen: Timestamp
    }

    var history: TransitionHistory
    var counts: FrameCounts
    var departures: [(record: ConnectionRecord, reason: RemovalReason)]

    /// Runs Ethernet frames through a tracker.
    init(
        _ frames: [(bytes: [UInt8], time: Timestamp)], profile: StackProfile = .linux,
        maximumConnections: Int = 1_000_000
    ) {
        var tracker = Tracker(
            observer: RecordingObserver(), profile: profile,
            maximumConnections: maximumConnections)
        for (index, (bytes, time)) in frames.enumerated() {
            tracker.receive(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time, interface: 0,
                frame: UInt64(index + 1))
        }
        tracker.finish()
        history = tracker.observer.history
        departures = tracker.observer.departures
        counts = tracker.counts
    }

    init(_ talk: Conversation) { self.init(talk.frames) }

    /// The connections in the order of their first segments.
    var connections: [Connection] {
        departures.map(\.record.connection).sorted { $0.serial < $1.serial }
    }

    /// The incarnations of one end, each a list of changes.
    func lives(_ side: TCPState.Side) -> [[Change]] {
        var lives: [UInt32: [Change]] = [:]
        for entry in history.timeline() where entry.transition.side == side {
            let transition = entry.transition
            lives[transition.connection, default: []].append(
                Change(
                    from: transition.from, to: transition.to, grade: transition.grade,
                    seen: transition.seen))
        }
        return lives.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The incarnations of one end, each a list of states.
    func paths(_ side: TCPState.Side) -> [[State]] {
        lives(side).map(\.path)
    }

    /// Whether each change begins where the one before it ended.
    var isContinuous: Bool {
        [TCPState.Side.low, .high].allSatisfy { side in
            lives(side).allSatisfy { life in
                zip(life, life.dropFirst()).allSatisfy { $0.to == $1.from }
            }
        }
    }
}

extension [Observed.Change] {
    /// The states, from the first to the last.
    var path: [State] { prefix(1).map(\.from) + map(\.to) }
}

extension TinyNetwork {
    /// A time that captures have.
    static let start = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

    /// What the tap saw, as frames; `copies` of each, a tenth of a millisecond apart.
    func frames(copies: Int = 1) -> [(bytes: [UInt8], time: Timestamp)] {
        var frames: [(bytes: [UInt8], time: Timestamp)] = []
        for packet in seen {
            let bytes = PacketBuilder(packet.segment).ethernet
            for copy in 0..<copies {
                let time = packet.time + Int64(copy) * 100_000
                frames.append((bytes, Self.start + TimeSpan(nanoseconds: time)))
            }
        }
        return frames.sorted { $0.time < $1.time }
    }

    /// The true incarnations of one end, each a list of states.
    func paths(_ index: Int) -> [[State]] {
        hosts[index].lives.filter { !$0.isEmpty }.map { [$0[0].from] + $0.map(\.to) }
    }
}
