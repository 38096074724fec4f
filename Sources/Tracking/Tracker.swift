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
    public var observer: Observer

    @usableFromInline var table: FlowTable
    @usableFromInline let decoder = Decoder()
    @usableFromInline var segment = Segment()
    @usableFromInline let profile: StackProfile
    @usableFromInline let maximumConnections: Int
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
    @inlinable
    public init(observer: Observer, profile: StackProfile, maximumConnections: Int) {
        self.observer = observer
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
        account.frames &+= 1
        account.wireBytes &+= UInt64(truncatingIfNeeded: wireLength)
        let now = noteTime(time)
        turn(to: now)
        switch decoder.decode(bytes, linkType: linkType, wireLength: wireLength, into: &segment) {
        case .segment:
            account.segments &+= 1
            track(at: time, interface: interface, frame: frame)
        case .setAside(let reason):
            account.note(reason)
        case .icmpError(let error):
            account.note(.icmp)
            noteUnreachable(error, at: time)
        }
    }

    /// Ends the run: timers run to the time of the last frame, every connection departs.
    public mutating func finish() {
        let end = account.last ?? Timestamp(nanoseconds: 0)
        table.forEach { _, flow in
            flow.connection.advance(to: end, profile, observer: &observer)
        }
        table.forEach { _, flow in
            observer.depart(flow.record, .captureEnd)
        }
    }

    /// Follows the packet clock, which never runs back; returns it.
    @inlinable
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

    @inlinable
    mutating func turn(to now: Timestamp) {
        table.turn(to: now) { _, flow in
            flow.connection.advance(to: now, profile, observer: &observer)
            flow.deadline =
                flow.connection.nextDeadline(profile) ?? Timestamp(nanoseconds: .max)
        }
    }

    /// Feeds the decoded segment to its connection.
    @inlinable
    mutating func track(at time: Timestamp, interface: UInt32, frame: UInt64) {
        let key = FlowKey(segment)
        let sender = FlowKey.sender(of: segment)
        let scope = segment.scope ^ interface &* 0x9e37_79b9
        let hash = table.hash(key)
        var index: FlowIndex
        if let found = table.find(key, hash: hash, scope: scope, sender: sender) {
            index = found
            if table.flows[index].scopes[sender.rawValue] == nil {
                table.flows[index].scopes[sender.rawValue] = scope
            }
            if startsAnew(index, sender) {
                index = supersede(index, key, hash, scope, sender, at: time, frame: frame)
            } else if let previous = table.previous(of: index), isFor(previous, not: index, sender)
            {
                index = previous
            }
        } else {
            index = open(key, hash, scope, sender, at: time, frame: frame)
        }
        if segment.flags.isSuperset(of: [.syn, .ack]), let previous = table.previous(of: index) {
            // It answers the new SYN: its old half is gone.
            table.flows[previous].connection.replace(
                sender, at: time, frame: frame, observer: &observer)
        }
        let wasOver = table.flows[index].connection.isOver
        if table.flows[index].deadline <= time {
            table.flows[index].connection.advance(to: time, profile, observer: &observer)
        }
        table.flows[index].connection.take(
            segment, from: sender, at: time, frame: frame, observer: &observer)
        settleAfter(index, wasOver: wasOver)
    }

    /// After a segment: deadlines, and the queue of closed connections.
    @inlinable
    mutating func settleAfter(
        _ index: FlowIndex, wasOver: Bool
    ) {
        let deadline =
            table.flows[index].connection.nextDeadline(profile) ?? Timestamp(nanoseconds: .max)
        if deadline != table.flows[index].deadline {
            table.flows[index].deadline = deadline
            table.file(index)
        }
        if !wasOver, table.flows[index].connection.isOver { over.append(index) }
    }

    /// The connection is reported unreachable: noted, and a SYN so answered counts as refused.
    @usableFromInline
    mutating func noteUnreachable(_ error: ICMPError, at time: Timestamp) {
        let key = FlowKey(segment)
        guard let index = table.findAny(key, hash: table.hash(key)) else { return }
        table.flows[index].connection.anomalies.insert(.unreachable)
    }
}
