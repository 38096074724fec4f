public import TCPState
public import Wire

/// A table entry: the key, the connection on it, and the links that the table keeps.
public struct Flow: StoreEntry {
    // First what every segment touches.

    /// The hash of its key: see ``FlowHash``. The table sets it.
    @usableFromInline var hash: UInt64 = 0
    /// Whether the entry is in use.
    public var isLive = true
    /// Whether the key's table slot names this flow: false for earlier incarnations.
    @usableFromInline var isCurrent = true
    /// Whether there are other connections on its key: see ``Siblings``.
    @usableFromInline var isShared = false
    /// Whether its next segment may be taken on the fast path, by sender.
    @usableFromInline var isSteady = InlineArray<2, Bool>(repeating: false)
    /// What keeps equal keys apart (VLAN, tunnel, interface), for each direction; nil while nothing
    /// was seen in that direction. The two directions of one flow may well differ.
    public var scopes: InlineArray<2, UInt32?>
    /// An earlier connection on the same key; it may have been removed since: see
    /// ``FlowTable/previous(of:)``.
    @usableFromInline var previousIndex: FlowIndex?
    /// Its slot in the timer wheel, from 1; 0 if it is not filed.
    @usableFromInline var timerSlot: UInt16 = 0
    /// That connection's serial number, by which a reused store entry is told.
    @usableFromInline var previousSerial: UInt32 = 0
    /// Its place in that slot, if it is filed.
    @usableFromInline var timerPlace: UInt32 = 0
    /// When the next timer of either end runs out; `Int64.max` nanoseconds if none runs.
    public var deadline = Timestamp(nanoseconds: .max)
    /// The connection's state and counters.
    public var connection: Connection

    /// The addresses and ports.
    public let key: FlowKey

    /// Makes an entry for a new connection whose first segment came from `sender` with `scope`.
    @inlinable
    public init(key: FlowKey, connection: Connection, sender: Side, scope: UInt32) {
        self.init(key: key, connection: connection)
        scopes[sender.rawValue] = scope
    }

    /// Makes an entry for a connection of which no segment was seen.
    @inlinable
    public init(key: FlowKey, connection: Connection) {
        self.key = key
        self.connection = connection
        scopes = InlineArray(repeating: nil)
    }

    /// Takes a segment the whole way, timers that ran out before it first; afterwards the deadline is
    /// known again.
    @inlinable @inline(__always)
    public mutating func receive<Observer: TransitionObserver>(
        _ segment: Segment, from sender: Side, at time: Timestamp, frame: UInt64,
        context: inout MachineContext<Observer>
    ) -> Change {
        let oldDeadline = deadline
        let wasSteady = isSteady[0] || isSteady[1]
        let isDue = deadline <= time
        if isDue { connection.advance(from: deadline, to: time, context: &context) }
        let hasJustClosed = connection.receiveReportingEnd(
            segment, from: sender, at: time, frame: frame, isDue: isDue, context: &context)
        noteChange(connection.nextDeadline(&context))
        return Change(
            needsScheduling: deadline < oldDeadline
                || timerSlot == 0 && deadline.nanoseconds != .max,
            hasJustClosed: hasJustClosed,
            isNowSteady: !wasSteady && (isSteady[0] || isSteady[1]))
    }

    /// Lets every timer that has run out by `time` take effect; afterwards the deadline is known again.
    @inlinable
    public mutating func advance<Observer: TransitionObserver>(
        to time: Timestamp, context: inout MachineContext<Observer>
    ) {
        noteChange(connection.advance(to: time, context: &context))
    }

    /// The same where nothing has changed since the deadline was found out.
    @inlinable
    mutating func runTimers<Observer: TransitionObserver>(
        to time: Timestamp, context: inout MachineContext<Observer>
    ) {
        guard deadline <= time else { return }
        noteChange(connection.advance(from: deadline, to: time, context: &context))
    }

    /// A new connection takes the place of one of its ends: see `Connection.replace(_:at:frame:context:)`.
    @inlinable
    mutating func replace<Observer: TransitionObserver>(
        _ sender: Side, at time: Timestamp, frame: UInt64, context: inout MachineContext<Observer>
    ) {
        connection.replace(sender, at: time, frame: frame, context: &context)
        noteChange(connection.nextDeadline(&context))
    }

    /// Notes when the next timer runs out, and what the next segment may be.
    @inlinable @inline(__always)
    mutating func noteChange(_ next: Timestamp?) {
        deadline = next ?? Timestamp(nanoseconds: .max)
        isSteady = [false, false]
        if isLive, isCurrent, previousIndex == nil { isSteady = connection.isSteady }
    }

    /// What the table has to know of a segment that was taken.
    @frozen
    public struct Change: Sendable {
        /// Whether the flow has to be filed anew: the wheel finds out by itself that a deadline has moved away.
        public let needsScheduling: Bool
        /// Whether the segment ended the connection.
        public let hasJustClosed: Bool
        /// Whether the next segment of an end may be taken on the fast path, and none before could.
        public let isNowSteady: Bool

        @inlinable
        init(needsScheduling: Bool, hasJustClosed: Bool, isNowSteady: Bool) {
            self.needsScheduling = needsScheduling
            self.hasJustClosed = hasJustClosed
            self.isNowSteady = isNowSteady
        }
    }
}

/// Names a flow, or a cached SYN, for as long as it is kept.
public struct FlowIndex: Hashable, Sendable {
    /// The place in its store; the highest bit tells cached SYNs from flows, the next one compact flows.
    @usableFromInline let rawValue: UInt32

    @inlinable
    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Names the cached SYN at a place.
    @inlinable
    init(cachedSYN index: FlowIndex) { rawValue = index.rawValue | 1 << 31 }

    /// Names the compact flow at a place.
    @inlinable
    init(compact index: FlowIndex) { rawValue = index.rawValue | 1 << 30 }

    /// Whether it names an ``SYNCacheEntry``.
    @inlinable
    public var isCachedSYN: Bool { rawValue >> 31 != 0 }

    /// Whether it names a ``CompactFlow``.
    @inlinable
    public var isCompact: Bool { rawValue >> 30 == 1 }

    /// The place in its store, from 0.
    @inlinable
    public var position: UInt32 { rawValue & (1 << 30 - 1) }
}
