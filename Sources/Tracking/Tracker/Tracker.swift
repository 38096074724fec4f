public import Memory
public import TCPState
public import Wire

/// Frame in, events out: decodes, finds the connection, feeds both endpoint machines, runs timers.
///
/// Needs no libpcap, no clock and no file system: a frame is bytes, a link type and a time.
public struct Tracker<Observer: TrackingObserver>: ~Copyable {
    /// What became of every frame.
    public var counts = FrameCounts()
    /// Receives transitions and finished connections.
    @inlinable
    public var observer: Observer {
        get { context.observer }
        _modify { yield &context.observer }
    }

    @usableFromInline var context: MachineContext<Observer>
    @usableFromInline var table: FlowTable
    @usableFromInline var queue = SegmentQueue()
    @usableFromInline let decoder = Decoder()
    @usableFromInline let maximumConnections: Int
    /// Whether other trackers have other connections of the same run.
    @usableFromInline let isShard: Bool
    /// How its connections began; noted where others have others.
    @usableFromInline var starts = RunNumbering.ConnectionStarts()
    /// How many frames of the run came before those that are being taken.
    @usableFromInline var framesBefore: UInt64 = 0
    /// When the run began; nil before its first frame.
    @usableFromInline var start: Timestamp?
    @usableFromInline var nextSerial: UInt32 = 0
    @usableFromInline var nextStream: UInt32 = 0
    /// Connections that were over when they were last looked at: the first to be evicted.
    @usableFromInline var closed: [FlowIndex] = []
    @usableFromInline var closedHead = 0
    /// Where connections are kept, by number, for observers that look them up.
    @usableFromInline var indexBySerial = SerialTable<FlowIndex>()
    /// What ``sweep(count:at:_:)`` has looked at; one that reads what another one wrote begins anew.
    @usableFromInline var round = SweepRound()

    /// Makes a tracker.
    ///
    /// - Parameters:
    ///   - profile: the timers of the hosts' TCP stacks.
    ///   - maximumConnections: when so many are kept, one is evicted for each new one: closed ones
    ///     first, then half-open ones, then the oldest.
    ///   - seed: the secret of a ``SegmentSteering`` that gives other trackers other connections of the same run; nil
    ///     if there is none.
    @inlinable
    public init(
        observer: Observer, profile: StackProfile, maximumConnections: Int,
        sortedBy seed: UInt64? = nil
    ) {
        context = MachineContext(observer: observer, profile: profile)
        isShard = seed != nil
        self.maximumConnections = max(1, maximumConnections)
        table = FlowTable(seed: seed ?? .random(in: .min ... .max))
    }

    /// Takes one frame.
    ///
    /// - Parameters:
    ///   - wireLength: the frame's length on the wire, in bytes.
    ///   - interface: tells interfaces of one capture apart; 0 if there is only one.
    ///   - frame: what reports call the frame by.
    @inlinable
    public mutating func receive(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64
    ) {
        enqueue(
            bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface,
            frame: frame)
        flush()
    }

    /// Takes one frame, but lets its segment wait until a few more have come: faster where nobody
    /// looks at the tracker meanwhile. ``flush()`` tracks those that wait.
    @inlinable @inline(__always)
    public mutating func enqueue(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64
    ) {
        counts.countFrame(wireLength: wireLength, at: time)
        advanceTimers(to: counts.latest)
        let index = queue.count
        let outcome = decoder.decode(
            bytes, linkType: linkType, wireLength: wireLength, into: &queue[index].segment)
        switch outcome {
        case .segment:
            counts.segments &+= 1
            queue[index].complete(table.hashing, at: time, interface: interface, frame: frame)
            table.prefetchSlot(queue[index].hash)
            queue.count = index &+ 1
            if index == SegmentQueue.batch - 1 { flush() }
        case .setAside(let reason): counts.count(reason)
        case .icmpError(let error):
            counts.count(.icmp)
            var quoted = queue[index].segment
            quoted.scope ^= interfaceScope(interface)
            flush()
            noteUnreachable(quoted, error, at: time, frame: frame)
        }
    }

    /// Tracks the segments that wait.
    @inlinable @inline(never)
    public mutating func flush() {
        trackBatch(queue.list, 0..<queue.count)
        queue.count = 0
    }

    /// Tracks segments that a ``SegmentSteering`` has decoded.
    ///
    /// - Parameter framesBefore: how many frames came before the first of those that were decoded.
    @inlinable
    public mutating func receive(_ segments: borrowing SegmentQueue, framesBefore: UInt64) {
        receive(segments.list, segments.controlEvents, framesBefore)
    }

    /// Tracks those of them that are for one of several trackers.
    @inlinable
    public mutating func receive(
        _ segments: borrowing ShardedSegments, of shard: Int, framesBefore: UInt64
    ) {
        receive(segments[shard], segments.controlEvents[shard], framesBefore)
    }

    @inlinable
    mutating func receive(
        _ list: SegmentList, _ events: [(index: Int, event: SegmentQueue.ControlEvent)],
        _ framesBefore: UInt64
    ) {
        self.framesBefore = framesBefore
        var start = 0
        for (index, event) in events {
            track(list, start..<index)
            start = index
            switch event {
            case .time(let time): advanceTimers(to: time)
            case .unreachable(let quoted, let error, let time, let frame):
                noteUnreachable(quoted, error, at: time, frame: frame)
            }
        }
        track(list, start..<list.count)
    }

    @inlinable
    mutating func track(_ list: SegmentList, _ range: Range<Int>) {
        let batch = SegmentQueue.batch
        func ahead(_ start: Int) -> Range<Int> {
            min(start, list.count)..<min(start + batch, list.count)
        }
        list.prefetch(ahead(range.lowerBound + batch))
        for index in ahead(range.lowerBound) {
            table.prefetchSlot(unsafe list[index].pointee.hash)
        }
        for start in stride(from: range.lowerBound, to: range.upperBound, by: batch) {
            list.prefetch(ahead(start + 2 * batch))
            for index in ahead(start + batch) {
                table.prefetchSlot(unsafe list[index].pointee.hash)
            }
            trackBatch(list, start..<min(start + batch, range.upperBound))
        }
    }

    /// Tracks a batch of segments, whose slots have been asked for: ``SegmentQueue/batch`` of them at most.
    @inlinable @inline(__always)
    mutating func trackBatch(_ list: SegmentList, _ range: Range<Int>) {
        // Here, and not at each place.
        precondition(range.count <= SegmentQueue.batch)
        var candidates = SegmentQueue.Candidates(repeating: .none)
        for index in range {
            candidates[index - range.lowerBound] = unsafe table.prefetchFlow(
                list[index].pointee.hash)
        }
        for index in range {
            track(
                unsafe SegmentQueue.QueuedSegmentRef(
                    list[index], candidates[index - range.lowerBound]))
        }
    }

    /// Ends the run: timers run to the time of the last frame, every connection departs.
    @inlinable
    public mutating func finish() { _ = close(runTimersToEnd()) { true } }

    /// Lets connections depart at the end of a run, for as long as `goesOn` holds, which is asked now and then. Returns
    /// how many are left.
    ///
    /// - Parameter all: what ``runTimersToEnd()`` returned.
    @inlinable
    public mutating func close(_ all: [FlowIndex], while goesOn: () -> Bool) -> Int {
        var order = all[...]
        var record = ConnectionRecord.blank
        while let index = order.popFirst() {
            prefetch(order)
            write(index, to: &record)
            context.observer.connectionClosed(record, .captureEnd)
            if order.count & 1023 == 0, !goesOn() { break }
        }
        return order.count
    }

    /// Runs the timers that are due, after the segments that came before.
    @inlinable @inline(__always)
    mutating func advanceTimers(to now: Timestamp) {
        if table.wheel.isDue(at: now) { fireTimers(to: now) }
    }

    @inlinable @inline(never)
    mutating func fireTimers(to now: Timestamp) {
        if start == nil { start = now }
        flush()
        if Observer.forgetsClosed { return fireTimersAndExpire(to: now) }
        table.advanceTimers(to: now) { _, flow in flow.runTimers(to: now, context: &context) }
    }

    /// Feeds a segment to its connection.
    @inlinable @inline(__always)
    mutating func track(_ queued: SegmentQueue.QueuedSegmentRef) {
        let isTaken = table.takeFastPath(
            queued.segment, queued.candidate, hash: queued.hash, sender: queued.sender,
            scope: queued.scope,
            at: queued.time, frame: queued.frame)
        if !isTaken { trackSlowPath(queued) }
    }

    /// Feeds a segment to a compact connection, if nothing but sequence numbers move.
    @inlinable
    mutating func takeFastPath(
        _ queued: SegmentQueue.QueuedSegmentRef, compact index: FlowIndex
    ) -> Bool {
        table.takeFastPath(
            queued.segment, compact: index, hash: queued.hash, sender: queued.sender,
            scope: queued.scope, at: queued.time, frame: queued.frame)
    }

    /// Feeds a segment to its connection, which may have to be found, or to begin.
    @inlinable @inline(never)
    mutating func trackSlowPath(_ queued: SegmentQueue.QueuedSegmentRef) {
        let sender = queued.sender
        let key = FlowKey(queued.segment, sender: sender)
        var found = table.find(queued.candidate, key: key, scope: queued.scope, sender: sender)
        if found == nil {
            let first = table.findAny(key, hash: queued.hash)
            found = first.flatMap {
                table.find(from: $0, key, hash: queued.hash, scope: queued.scope, sender: sender)
            }
            guard let connection = found else {
                return trackFirst(queued, key, sender, beside: first)
            }
            // It may have become compact after it was found ahead: then it stays so, as it would in any other batch.
            if connection.isCompact, takeFastPath(queued, compact: connection) { return }
            found = whole(connection, hash: queued.hash)
        }
        if let found { trackEventful(queued, found, sender) }
    }

    /// Feeds a segment to a connection that begins with it.
    ///
    /// - Parameter other: the first of the connections on the key, which have other scopes; nil without any.
    @inlinable
    mutating func trackFirst(
        _ queued: SegmentQueue.QueuedSegmentRef, _ key: FlowKey, _ sender: Side,
        beside other: FlowIndex?
    ) {
        let (stream, isCopy) = number(queued, sender, beside: other)
        makeRoom()
        let isAlone = other == nil
        // A cached SYN could not tell that it is a copy.
        if Observer.seesClosedConnectionsOnly, !isCopy,
            cacheSYN(queued, key, sender, stream: stream, isAlone: isAlone)
        {
            return
        }
        var flow = begin(queued, key, sender, stream: stream)
        if isCopy { flow.connection.anomalies.insert(.seenElsewhere) }
        let index = table.insert(flow, hash: queued.hash, isAlone: isAlone)
        noteSlot(index)
        feed(queued, to: index, sender)
    }

    /// Feeds a segment to a connection that may have to make way for another one.
    @inlinable @inline(__always)
    mutating func trackEventful(
        _ queued: SegmentQueue.QueuedSegmentRef, _ found: FlowIndex, _ sender: Side
    ) {
        var index = found
        if table.flows[index].scopes[sender.rawValue] == nil {
            table.learn(queued.scope, of: index, from: sender)
        }
        if isNewIncarnation(queued.segment, index, sender) {
            index = reuseKey(queued, index, sender)
        } else if let previous = table.previous(of: index) {
            if belongsToPrevious(previous, queued.segment, not: index, sender) {
                index = previous
            } else if queued.segment.flags.isSuperset(of: [.syn, .ack]) {
                // It answers the new SYN: its old half is gone.
                table.flows[previous].replace(
                    sender, at: queued.time, frame: queued.frame, context: &context)
                if Observer.forgetsClosed { scheduleExpiry(previous) }
            }
        }
        feed(queued, to: index, sender)
    }

    @inlinable @inline(__always)
    mutating func feed(_ queued: SegmentQueue.QueuedSegmentRef, to index: FlowIndex, _ sender: Side)
    {
        feed(queued.segment, to: index, sender, at: queued.time, frame: queued.frame)
    }

    /// Feeds a segment to a connection; afterwards its deadline is known again.
    @inlinable
    mutating func feed(
        _ segment: Segment, to index: FlowIndex, _ sender: Side, at time: Timestamp, frame: UInt64
    ) {
        let change = table.flows[index].receive(
            segment, from: sender, at: time, frame: frame, context: &context)
        if change.needsScheduling { table.schedule(index) }
        if change.hasJustClosed { closed.append(index) }
        if Observer.forgetsClosed { scheduleExpiry(index) }
        if change.isNowSteady { noteSteady(index) }
    }

    /// The connection is reported unreachable. A SYN that is so answered is given up (Linux
    /// `tcp_v4_err`, `tcp_v6_err`); an established connection goes on.
    @inlinable
    mutating func noteUnreachable(
        _ quoted: Segment, _ error: ICMPError, at time: Timestamp, frame: UInt64
    ) {
        let key = FlowKey(quoted)
        let hash = table.hash(key)
        let sender = FlowKey.sender(of: quoted)
        guard
            var index = table.findQuoted(key, hash: hash, scope: quoted.scope, sender: sender)
        else { return }
        index = whole(index, hash: hash)
        table.flows[index].connection.receiveUnreachable(
            quoted, error, to: sender, at: time, frame: frame, context: &context)
        table.flows[index].advance(to: time, context: &context)
        table.schedule(index)
        if Observer.forgetsClosed { scheduleExpiry(index) }
    }
}
