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
    @usableFromInline let maximumConnections: Int
    /// Whether other trackers have other connections of the same run.
    @usableFromInline let isPart: Bool
    /// How its connections began; noted where others have others.
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
    ///   - isPart: whether other trackers have other connections of the same run.
    @inlinable
    public init(
        observer: Observer, profile: StackProfile, maximumConnections: Int, isPart: Bool = false
    ) {
        context = Context(observer: observer, profile: profile)
        self.isPart = isPart
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
        account.note(time)
        turn(to: account.latest)
        let outcome = enqueue(
            bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface,
            frame: frame, place: account.frames)
        switch outcome {
        case .segment: account.segments &+= 1
        case .setAside(let reason): account.note(reason)
        case .icmpError: account.note(.icmp)
        }
    }

    /// Takes a frame that a ``Sorter`` says is for this tracker, and has accounted for.
    ///
    /// - Parameter place: the frame's place in the run, from 1.
    @inlinable @inline(__always)
    public mutating func queueSorted(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64, place: UInt64
    ) {
        _ = enqueue(
            bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface,
            frame: frame, place: place)
    }

    @inlinable @inline(__always)
    mutating func enqueue(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64, place: UInt64
    ) -> Decoder.Outcome {
        let index = waiting.count
        let outcome = decoder.decode(
            bytes, linkType: linkType, wireLength: wireLength, into: &waiting[index].segment)
        switch outcome {
        case .segment:
            let source = table.hashing(
                waiting[index].segment.source, waiting[index].segment.sourcePort)
            let destination = table.hashing(
                waiting[index].segment.destination, waiting[index].segment.destinationPort)
            table.prefetchSlot(source &+ destination)
            waiting[index].source = source
            waiting[index].destination = destination
            waiting[index].time = time
            waiting[index].frame = frame
            waiting[index].place = place
            waiting[index].interface = interface
            waiting.count = index &+ 1
            if index == Lookahead.depth - 1 { catchUp() }
        case .setAside: break
        case .icmpError(let error):
            let quoted = waiting[index].segment
            catchUp()
            noteUnreachable(quoted, error, at: time, frame: frame)
        }
        return outcome
    }

    /// Tracks the segments that wait.
    @inlinable @inline(never)
    public mutating func catchUp() {
        let count = waiting.count
        for place in 0..<count {
            waiting[place].candidate = table.prefetchFlow(waiting.item(place).hash)
        }
        for place in 0..<count { track(waiting.item(place)) }
        waiting.count = 0
    }

    /// Ends the run: timers run to the time of the last frame, every connection departs.
    @inlinable
    public mutating func finish() {
        var order = settle()[...]
        while let index = order.popFirst() {
            prefetch(order)
            let record = record(index)
            context.observer.depart(record, .captureEnd)
        }
    }

    /// Runs the timers that are due, after the segments that came before. Whoever sorts frames has to call it
    /// where ``Sorter/hasToTurn`` says so.
    @inlinable @inline(__always)
    public mutating func turn(to now: Timestamp) {
        if table.wheel.isDue(at: now) { turnWheel(to: now) }
    }

    @inlinable @inline(never)
    mutating func turnWheel(to now: Timestamp) {
        catchUp()
        table.turn(to: now) { _, flow in flow.advance(to: now, context: &context) }
    }

    /// Feeds a segment to its connection.
    @inlinable @inline(__always)
    mutating func track(_ item: Lookahead.Item) {
        let isTaken = table.takeAsPredicted(
            item.segment, item.candidate, source: item.source, destination: item.destination,
            scope: item.scope, at: item.time, frame: item.frame)
        if !isTaken { trackTheLongWay(item) }
    }

    /// Feeds a segment to its connection, which may have to be found, or to begin.
    @inlinable @inline(never)
    mutating func trackTheLongWay(_ item: Lookahead.Item) {
        let sender = FlowKey.sender(of: item.segment)
        let key = FlowKey(item.segment, sender: sender)
        let found = table.find(
            key, hash: item.hash, scope: item.scope, sender: sender, candidate: item.candidate)
        guard var index = found else {
            trackFirst(item, key, sender)
            return
        }
        if Observer.seesDeparturesOnly, index.isEmbryo { index = hatch(index, hash: item.hash) }
        trackEventful(item, index, sender)
    }

    /// Feeds a segment to a connection that begins with it.
    @inlinable
    mutating func trackFirst(_ item: Lookahead.Item, _ key: FlowKey, _ sender: Side) {
        let stream = number(item, key, sender)
        makeRoom()
        if Observer.seesDeparturesOnly, keepEmbryo(item, key, sender, stream: stream) { return }
        let flow = begin(item, key, sender, stream: stream)
        feed(item, to: table.insert(flow, hash: item.hash), sender)
    }

    /// Feeds a segment to a connection that may have to make way for another one.
    @inlinable
    mutating func trackEventful(_ item: Lookahead.Item, _ found: FlowIndex, _ sender: Side) {
        var index = found
        if table.flows[index].scopes[sender.rawValue] == nil {
            table.flows[index].scopes[sender.rawValue] = item.scope
        }
        if startsAnew(item.segment, index, sender) {
            index = supersede(item, index, sender)
        } else if let previous = table.previous(of: index) {
            if isFor(previous, item.segment, not: index, sender) {
                index = previous
            } else if item.segment.flags.isSuperset(of: [.syn, .ack]) {
                // It answers the new SYN: its old half is gone.
                table.flows[previous].connection.replace(
                    sender, at: item.time, frame: item.frame, context: &context)
            }
        }
        feed(item, to: index, sender)
    }

    @inlinable
    mutating func feed(_ item: Lookahead.Item, to index: FlowIndex, _ sender: Side) {
        feed(item.segment, to: index, sender, at: item.time, frame: item.frame)
    }

    /// Feeds a segment to a connection; afterwards its deadline is known again.
    @inlinable
    mutating func feed(
        _ segment: Segment, to index: FlowIndex, _ sender: Side, at time: Timestamp, frame: UInt64
    ) {
        let change = table.flows[index].take(
            segment, from: sender, at: time, frame: frame, context: &context)
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
