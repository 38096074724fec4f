public import Wire

extension Connection {
    /// Moves an end by something that is certain or assumed, not merely on its way. What was pending
    /// before it is thereby kept. Returns the observer's name for the transition.
    @inlinable
    @discardableResult
    mutating func transition<Observer: TransitionObserver>(
        _ end: Int, on event: Event, grade: Grade, moment: Moment, seen: Timestamp,
        notBefore: Timestamp?, notAfter: Timestamp?, frame: UInt64, timer: TimerName = .none,
        _ context: inout MachineContext<Observer>
    ) -> UInt32 {
        let state = ends[end].state
        guard let to = state.next(on: event) else { return 0 }
        let from = origin(of: event, in: state)
        dropPending(end, &context)
        let transition = Transition(
            connection: serial, side: Side(rawValue: end)!, from: from, to: to, event: event,
            grade: grade, timer: timer, moment: moment, seen: seen, notBefore: notBefore,
            notAfter: notAfter, frame: frame)
        let token = context.observer.observe(transition)
        setState(
            to, end, grade: grade, at: transition.time(delay: ends[end].delayToTap), frame: frame)
        return token
    }

    /// Moves an end by a segment that is on its way to it. Returns whether it moves.
    @inlinable
    @discardableResult
    mutating func inferTransition<Observer: TransitionObserver>(
        _ end: Int, on event: Event, grade: Grade = .inferred, moment: Moment = .onArrival,
        seen: Timestamp, notBefore: Timestamp?, notAfter: Timestamp? = nil, frame: UInt64,
        timer: TimerName = .none, _ context: inout MachineContext<Observer>
    ) -> Bool {
        let state = ends[end].state
        guard let to = state.next(on: event) else { return false }
        let transition = Transition(
            connection: serial, side: Side(rawValue: end)!, from: origin(of: event, in: state),
            to: to, event: event, grade: grade, timer: timer, moment: moment, seen: seen,
            notBefore: notBefore, notAfter: notAfter, frame: frame)
        let token = context.observer.observe(transition)
        addPending(
            Pending(
                event: event, from: state, token: token, latest: seen,
                notBefore: notBefore ?? seen, frame: frame, peerPackets: ends[1 - end].packets,
                priorSince: ends[end].since, priorFrame: ends[end].sinceFrame,
                priorGrade: ends[end].grade), end, &context)
        setState(
            to, end, grade: grade, at: transition.time(delay: ends[end].delayToTap), frame: frame)
        return true
    }

    @inlinable
    mutating func setState(
        _ state: State, _ end: Int, grade: Grade, at time: Timestamp, frame: UInt64
    ) {
        ends[end].state = state
        ends[end].grade = grade
        ends[end].since = max(time, ends[end].since)
        ends[end].sinceFrame = frame
        // What comes after says nothing about the beginning.
        if state == .closed { ends[end].seen.remove(.presumed) }
    }

    /// Withdraws the pending transitions of an end from the one at `index` on.
    @inlinable
    mutating func withdraw<Observer: TransitionObserver>(
        _ end: Int, from index: Int, _ context: inout MachineContext<Observer>
    ) {
        guard index < Int(pendingCount[end]) else { return }
        var last = Int(pendingCount[end]) - 1
        while last >= index {
            context.observer.withdraw(context.pool[ends[end].pendingFirst, last].token)
            last -= 1
        }
        let first = context.pool[ends[end].pendingFirst, index]
        if first.event == .receivedSYNACK { ends[end].seen.insert(.missedSYNACK) }
        ends[end].state = first.from
        ends[end].since = first.priorSince
        ends[end].sinceFrame = first.priorFrame
        ends[end].grade = first.priorGrade
        keepPending(end, first: index, &context)
    }

    /// The state that a transition leaves, where an end about which nothing was known must have
    /// been somewhere: a SYN is sent out of CLOSED, a SYN,ACK out of LISTEN. Where the capture began in the
    /// middle of the handshake, that was before it.
    @inlinable
    func origin(of event: Event, in state: State) -> State {
        if anomalies.contains(.midStream) { return state }
        return switch (event, state) {
        case (.sentSYN, .unknown): .closed
        case (.sentSYNACK, .unknown), (.sentSYNACK, .closed): .listen
        default: state
        }
    }
}
