import Coding
import Diagnosis
import TCPState
import Tracking

/// Whose part it is, and how it was made: parts can be merged that have the same manifest and options.
struct PartHead: Sendable, BinaryCodable {
    /// The shards that it has, in order.
    var shards: [Int]
    /// The timers of the hosts' TCP stacks.
    var profile: StackProfile
    /// Whether it has the transitions.
    var hasTransitions: Bool
    /// Connections found, and those that left a full table.
    var counts: FrameCounts

    init(shards: [Int], profile: StackProfile, hasTransitions: Bool, counts: FrameCounts) {
        self.shards = shards
        self.profile = profile
        self.hasTransitions = hasTransitions
        self.counts = counts
    }

    init(from coder: inout BinaryCoder) {
        self.init(shards: [], profile: .linux, hasTransitions: false, counts: FrameCounts())
        code(&coder)
        let isInOrder = zip(shards, shards.dropFirst()).allSatisfy { $0 < $1 }
        if shards.isEmpty || !isInOrder { coder.fail() }
    }

    mutating func code(_ coder: inout BinaryCoder) {
        coder.list(&shards, 0) { $1(&$0) }
        profile.code(&coder)
        coder(&hasTransitions)
        coder(&counts)
    }
}

extension StackProfile {
    /// All of the timers.
    mutating func code(_ coder: inout BinaryCoder) {
        coder(&name)
        coder(&timeWait)
        coder(&timeWaitSlack)
        coder(&finWait2)
        coder(&synSent)
        coder(&synReceived)
        coder(&dataRetries)
        coder(&delayedACK)
        coder(&orphanRetries)
        coder(&keepaliveProbes)
        coder(&keepaliveInterval)
        coder(&acceptsResetAtFIN)
    }
}

/// What a sampler saw in a frame, and the frame's index in the run.
struct IndexedSample {
    let index: UInt64
    let sample: FrameSample

    init(index: UInt64, _ sample: FrameSample) {
        self.index = index
        self.sample = sample
    }

    init(from coder: inout BinaryCoder) {
        var index: UInt64 = 0
        coder(&index)
        self.init(index: index, FrameSample(from: &coder))
    }

    func encode(to coder: inout BinaryCoder) {
        var index = index
        coder(&index)
        sample.encode(to: &coder)
    }
}

/// A connection that left a full table before the capture ended.
struct EvictedConnection {
    let shard: Int
    let record: ConnectionRecord

    init(shard: Int, _ record: ConnectionRecord) {
        self.shard = shard
        self.record = record
    }

    init(from coder: inout BinaryCoder) {
        var shard = 0
        coder(&shard)
        self.init(shard: shard, ConnectionRecord(from: &coder))
    }

    func encode(to coder: inout BinaryCoder) {
        var shard = shard
        coder(&shard)
        record.encode(to: &coder)
    }
}

/// A transition as it stood at the end.
struct KeptTransition {
    let shard: Int
    var transition: Transition
    /// Whether any of its connection was amended.
    let isAmended: Bool

    init(shard: Int, _ transition: Transition, isAmended: Bool) {
        self.shard = shard
        self.transition = transition
        self.isAmended = isAmended
    }

    init(from coder: inout BinaryCoder) {
        var (shard, isAmended) = (0, false)
        coder(&shard)
        coder(&isAmended)
        self.init(shard: shard, Transition(from: &coder), isAmended: isAmended)
    }

    func encode(to coder: inout BinaryCoder) {
        var (shard, isAmended) = (shard, isAmended)
        coder(&shard)
        coder(&isAmended)
        transition.encode(to: &coder)
    }
}
