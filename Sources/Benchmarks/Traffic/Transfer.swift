import TestKit

/// The data of a connection: bursts in both directions, each second segment acknowledged, some sent
/// twice.
struct Transfer {
    /// One segment of it.
    struct Segment {
        var payload = 0
        /// How far before SND.NXT it begins: the payload's length in a repetition, else 0.
        var back = 0
        var isPushed = false
    }

    /// Segments of new data still to be sent.
    private var left: Int
    /// Those still to be sent before the other side's turn.
    private var burst = 0
    private var sender: Party
    /// Who sends long bursts of full segments; nil if both do.
    private let bulk: Party?
    private let repeatsPerMille: Int
    /// Segments sent since the last acknowledgment.
    private var unacknowledged = 0
    /// Bytes of the last segment, 0 if it is acknowledged.
    private var last = 0
    private(set) var repetitions = 0

    init(
        segments: Int, bulk: Party?, repeatsPerMille: Int, _ random: inout SplitMix64
    ) {
        left = segments
        sender = .client
        self.bulk = bulk
        self.repeatsPerMille = repeatsPerMille
        startBurst(&random)
    }

    var isOver: Bool { left == 0 && unacknowledged == 0 }

    /// Whether the next segment is an acknowledgment.
    private var mustAcknowledge: Bool {
        unacknowledged == 2 || unacknowledged > 0 && burst == 0
    }

    /// Who sends the next segment.
    var nextSender: Party { mustAcknowledge ? sender.other : sender }

    mutating func next(_ random: inout SplitMix64) -> Segment {
        if mustAcknowledge {
            unacknowledged = 0
            last = 0
            if burst == 0 {
                sender = sender.other
                startBurst(&random)
            }
            return Segment()
        }
        if last > 0, random.chance(perMille: repeatsPerMille) {
            repetitions += 1
            return Segment(payload: last, back: last, isPushed: true)
        }
        last = length(&random)
        left -= 1
        burst -= 1
        unacknowledged += 1
        return Segment(payload: last, isPushed: burst == 0)
    }

    private var isBulk: Bool { bulk == nil || bulk == sender }

    private mutating func startBurst(_ random: inout SplitMix64) {
        burst = min(left, isBulk ? 2 + Int(random.exponential(mean: 14)) : 1 + random.below(2))
    }

    private func length(_ random: inout SplitMix64) -> Int {
        let full = 1428
        if isBulk { return random.chance(perMille: 880) ? full : 1 + random.below(full) }
        return 60 + random.below(900)
    }
}
