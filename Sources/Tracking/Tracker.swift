public import FlowTable
public import TCPState
public import Wire

/// Frame in, events out: decodes, finds the connection, feeds both endpoint machines, runs timers.
///
/// Needs no libpcap, no clock and no file system: a frame is bytes, a link type and a time.
public struct Tracker<Observer: TrackingObserver>: ~Copyable {
    /// What became of every frame.
    public var account = Account()
    /// Receives transitions and finished connections.
    @inlinable
    public var observer: Observer {
        get { context.observer }
        _modify { yield &context.observer }
    }

    @usableFromInline var context: Context<Observer>
    @usableFromInline var table: FlowTable
    @usableFromInline var waiting = Lookahead()
    @usableFromInline let decoder = Decoder()
    @usableFromInline let profile: StackProfile
    @usableFromInline let maximumConnections: Int
    /// The connections that it tracks.
    @usableFromInline let shard: Shard
    /// How they began; noted where other shards have others.
    @usableFromInline var openings = Numbering.Openings()
    @usableFromInline var nextSerial: UInt32 = 0
    @usableFromInline var nextStream: UInt32 = 0
    /// Connections that were over when they were last looked at: the first to be evicted.
    @usableFromInline var over: [FlowIndex] = []
    @usableFromInline var overTaken = 0

    /// Makes a tracker.
    ///
    /// - Parameters:
    ///   - profile: the timers of the hosts' TCP stacks.
    ///   - maximumConnections: when so many are kept, one is evicted for each new one: closed ones
    ///     first, then half-open ones, then the oldest.
    ///   - shard: which connections to track; all frames are accounted for.
    @inlinable
    public init(
        observer: Observer, profile: StackProfile, maximumConnections: Int, shard: Shard = .whole
    ) {
        context = Context(observer: observer)
        self.shard = shard
        self.profile = profile
        self.maximumConnections = max(1, maximumConnections)
        table = FlowTable()
    }

    /// Takes one frame.
    ///
    /// - Parameters:
    ///   - wireLength: the frame's length on the wire, in bytes.
    ///   - interface: tells interfaces of one capture apart; 0 if there is only one.
    ///   - frame: what reports call the frame by.
    @inlinable
    public mutating func take(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64
    ) {
        queue(
            bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface,
            frame: frame)
        catchUp()
    }

    /// Takes one frame, but lets its segment wait until a few more have come: faster where nobody
    /// looks at the tracker meanwhile. ``catchUp()`` tracks those that wait.
    @inlinable @inline(__always)
    public mutating func queue(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64
    ) {
        account.frames &+= 1
        account.wireBytes &+= UInt64(truncatingIfNeeded: wireLength)
        turn(to: noteTime(time))
        let shard = shard
        let place = waiting.count
        let outcome = decoder.decode(
            bytes, linkType: linkType, wireLength: wireLength, into: &waiting[place].segment,
            where: { shard.owns($0) })
        switch outcome {
        case .segment:
            account.segments &+= 1
            let sender = FlowKey.sender(of: waiting[place].segment)
            let key = FlowKey(waiting[place].segment, sender: sender)
            let hash = table.hash(key)
            table.prefetchSlot(hash)
            waiting[place].key = key
            waiting[place].hash = hash
            waiting[place].sender = sender
            waiting[place].time = time
            waiting[place].frame = frame
            waiting[place].ordinal = account.frames
            waiting[place].interface = interface
            waiting[place].candidate = .none
            waiting.count = place &+ 1
            if place >= Lookahead.half {
                let next = place &- Lookahead.half
                waiting[next].candidate = table.prefetchFlow(waiting[next].hash)
                if place == Lookahead.depth - 1 { trackOldest() }
            }
        case nil:
            account.segments &+= 1
        case .setAside(let reason):
            account.note(reason)
        case .icmpError(let error):
            account.note(.icmp)
            let quoted = waiting[place].segment
            if shard.owns(quoted) {
                catchUp()
                noteUnreachable(quoted, error, at: time, frame: frame)
            }
        }
    }

    /// Tracks the segments that wait.
    @inlinable
    public mutating func catchUp() {
        while waiting.count > 0 { trackOldest() }
    }

    @inlinable @inline(__always)
    mutating func trackOldest() {
        // Its place is not used for another segment before the call returns.
        let place = unsafe UnsafePointer(waiting.address(0))
        waiting.drop()
        unsafe track(place)
    }

    /// Ends the run: timers run to the time of the last frame, every connection departs.
    public mutating func finish() {
        for index in settle() {
            if index.isEmbryo {
                context.observer.depart(record(index), .captureEnd)
            } else {
                context.observer.depart(context.record(of: table.flows[index]), .captureEnd)
            }
        }
    }

    /// Follows the packet clock, which never runs back; returns it.
    @inlinable @inline(__always)
    mutating func noteTime(_ time: Timestamp) -> Timestamp {
        guard let last = account.last, let first = account.first else {
            account.first = time
            account.last = time
            return time
        }
        if time < last {
            account.framesBackInTime &+= 1
            account.first = min(first, time)
            return last
        }
        account.last = time
        return time
    }

    /// Runs the timers that are due, after the segments that came before.
    @inlinable @inline(__always)
    mutating func turn(to now: Timestamp) {
        if table.wheel.isDue(at: now) { turnWheel(to: now) }
    }

    @inlinable @inline(never)
    mutating func turnWheel(to now: Timestamp) {
        catchUp()
        table.turn(to: now) { _, flow in
            flow.connection.advance(to: now, profile, context: &context)
            flow.deadline =
                flow.connection.findDeadline(profile, &context) ?? Timestamp(nanoseconds: .max)
        }
    }

    /// Feeds a segment to its connection.
    @inlinable @inline(__always)
    mutating func track(_ item: UnsafePointer<Lookahead.Waiting>) {
        // A pointer, since borrowing what it points to copies all of it.
        let scope =
            unsafe item.pointee.segment.scope ^ item.pointee.interface &* 0x9e37_79b9
        guard
            var index = unsafe table.find(
                item.pointee.key, hash: item.pointee.hash, scope: scope,
                sender: item.pointee.sender, candidate: item.pointee.candidate)
        else {
            unsafe trackFirst(item.pointee, scope)
            return
        }
        if Observer.seesDeparturesOnly, index.isEmbryo {
            index = unsafe hatch(index, hash: item.pointee.hash)
        }
        if unsafe !table.flows[index].takeQuietly(
            item.pointee.segment, from: item.pointee.sender, at: item.pointee.time,
            frame: item.pointee.frame)
        {
            unsafe trackEventful(item.pointee, index, scope)
        }
    }

    /// Feeds a segment to a connection that begins with it.
    @inlinable @inline(never)
    mutating func trackFirst(
        _ item: borrowing @_addressable Lookahead.Waiting, _ scope: UInt32
    ) {
        let stream = number(item)
        makeRoom()
        if Observer.seesDeparturesOnly, keepEmbryo(item, scope, stream: stream) { return }
        let flow = begin(
            item.segment, item.key, scope, item.sender, stream: stream, at: item.time,
            frame: item.frame)
        let index = table.insert(flow, hash: item.hash)
        feed(item.segment, to: index, item.sender, at: item.time, frame: item.frame)
    }

    /// Feeds a segment that may change more than sequence numbers.
    @inlinable @inline(never)
    mutating func trackEventful(
        _ item: borrowing @_addressable Lookahead.Waiting, _ found: FlowIndex, _ scope: UInt32
    ) {
        var index = found
        let sender = item.sender
        if table.flows[index].scopes[sender.rawValue] == nil {
            table.flows[index].scopes[sender.rawValue] = scope
        }
        if startsAnew(item.segment, index, sender) {
            index = supersede(
                item.segment, index, item.key, item.hash, scope, sender, at: item.time,
                frame: item.frame, item.ordinal)
        } else if let previous = table.previous(of: index) {
            if isFor(previous, item.segment, not: index, sender) {
                index = previous
            } else if item.segment.flags.isSuperset(of: [.syn, .ack]) {
                // It answers the new SYN: its old half is gone.
                table.flows[previous].connection.replace(
                    sender, at: item.time, frame: item.frame, context: &context)
            }
        }
        feed(item.segment, to: index, sender, at: item.time, frame: item.frame)
    }

    /// Feeds a segment to a connection; afterwards its deadline is known again.
    @inlinable
    mutating func feed(
        _ segment: Segment, to index: FlowIndex, _ sender: Side, at time: Timestamp, frame: UInt64
    ) {
        let change = table.flows[index].take(
            segment, from: sender, at: time, frame: frame, profile, context: &context)
        if change.hasMovedDeadline { table.file(index) }
        if change.isNowOver { over.append(index) }
    }

    /// The connection is reported unreachable. A SYN that is so answered is given up (Linux
    /// `tcp_v4_err`, `tcp_v6_err`); an established connection goes on.
    @inlinable
    mutating func noteUnreachable(
        _ quoted: Segment, _ error: ICMPError, at time: Timestamp, frame: UInt64
    ) {
        let key = FlowKey(quoted)
        let hash = table.hash(key)
        guard var index = table.findAny(key, hash: hash) else { return }
        if index.isEmbryo { index = hatch(index, hash: hash) }
        table.flows[index].connection.takeUnreachable(
            quoted, isHard: error.isHardForSynSent, to: FlowKey.sender(of: quoted), at: time,
            frame: frame, context: &context)
    }
}
