import TCPState
import Wire

/// What a host's program does, step after step. A step that waits is passed once the connection is gone.
enum Step: Sendable {
    /// Active open; waits for the answer.
    case connect
    /// Waits until a connection is there.
    case accept
    /// Sends so many bytes, in segments of 1000 at most.
    case send(UInt32)
    /// Sends so many bytes, with FIN in the same segment.
    case sendAndClose(UInt32)
    /// Waits until so many bytes have come in all.
    case read(UInt32)
    /// Waits for the peer's FIN.
    case readToEnd
    /// Lets so many milliseconds pass.
    case sleep(Int64)
    /// Waits until so many milliseconds have passed since the start.
    case until(Int64)
    /// Closes the sending direction only.
    case shutdown
    /// Closes for good: data that comes after it is answered by RST.
    case close
    /// Sends RST.
    case abort
    /// Loses the connection without a packet, as a host that restarts.
    case crash
    /// Sends a segment that its kernel knows nothing of: the next number, ACK, and then the changes.
    case forge(@Sendable (inout Segment) -> Void)
}

/// One end as Linux would run it: enough of a kernel to make true transitions, and no more.
///
/// RFC 9293, section 3.10.7, with what Linux adds: request sockets (`tcp_check_req`), challenge ACKs
/// (`tcp_validate_incoming`), RST for data after close (`tcp_rcv_state_process`), timestamps (RFC 7323).
struct TinyHost {
    /// How a host differs from others.
    struct HostBehaviour: Sendable {
        /// Whether somebody listens on its port.
        var listens = false
        /// Whether it answers SYNs without keeping anything. RFC 4987, section 3.6.
        var usesCookies = false
        /// Until when, in milliseconds, the listener ignores the ACK that would complete a handshake.
        var acceptsFrom: Int64 = 0
        /// How long the ACK of data, or of a FIN in ESTABLISHED, waits, in milliseconds.
        var ackDelay: Int64 = 0
    }

    /// A true transition.
    struct Change {
        var from: State
        var to: State
        var time: Int64
    }

    /// A segment that waits for its acknowledgment.
    struct Unacknowledged {
        var sequence: SequenceNumber
        var length: UInt32
        var flags: TCPFlags
    }

    /// What a host wants of the network.
    enum HostAction {
        case transmit(Segment)
        case wake(at: Int64)
    }

    let address: Address
    let port: UInt16
    let peerAddress: Address
    let peerPort: UInt16
    let behaviour: HostBehaviour
    let hasTimestamps: Bool
    var program: [Step]

    var now: Int64 = 0
    var wishes: [HostAction] = []
    /// The true history: a list of changes for every incarnation.
    var lives: [[Change]] = []

    var state = State.closed
    var isRequest = false
    var initialSequence: SequenceNumber
    var sendNext = SequenceNumber(0)
    var sendUnacknowledged = SequenceNumber(0)
    var receiveNext = SequenceNumber(0)
    var queue: [Unacknowledged] = []
    var early: [Segment] = []
    var timestampRecent: UInt32 = 0
    var received: UInt32 = 0
    var sawEnd = false
    var isClosedForReading = false
    var timeout: Int64 = 0
    var retransmitAt: Int64?
    var acknowledgeAt: Int64?
    var retries = 0
    var sleepUntil: Int64?
    var isConnecting = false

    static let millisecond: Int64 = 1_000_000

    init(
        address: Address, port: UInt16, peerAddress: Address, peerPort: UInt16,
        iss: UInt32, behaviour: HostBehaviour, hasTimestamps: Bool, program: [Step]
    ) {
        self.address = address
        self.port = port
        self.peerAddress = peerAddress
        self.peerPort = peerPort
        initialSequence = SequenceNumber(iss)
        self.behaviour = behaviour
        self.hasTimestamps = hasTimestamps
        self.program = program
    }

    // MARK: Its clock

    /// Something may be due.
    mutating func wake(at time: Int64) {
        now = time
        if let due = acknowledgeAt, due <= now { acknowledge() }
        if let due = retransmitAt, due <= now { retransmit() }
        run()
    }

    private mutating func wakeLater(_ time: Int64) { wishes.append(.wake(at: time)) }

    private mutating func startTimer() {
        retransmitAt = queue.isEmpty ? nil : now + timeout
        if let retransmitAt { wakeLater(retransmitAt) }
    }

    private mutating func retransmit() {
        guard let first = queue.first, retries < 6 else {
            retransmitAt = nil
            return
        }
        retries += 1
        timeout *= 2
        var flags = first.flags
        if state == .synReceived { flags = [.syn, .ack] }
        transmit(flags, first.sequence, first.length)
        startTimer()
    }

    // MARK: Its program

    /// Goes on with the program as far as it can.
    mutating func run() {
        while let step = program.first, perform(step) { program.removeFirst() }
    }

    private mutating func perform(_ step: Step) -> Bool {
        let isGone = state == .closed && !(behaviour.listens && lives.isEmpty)
        switch step {
        case .connect:
            if !isConnecting {
                isConnecting = true
                begin(.closed, .synSent)
                push([.syn], 0)
            }
            guard state != .synSent, state != .synReceived else { return false }
            isConnecting = false
        case .accept: return state.isSynchronized
        case .send(let count):
            guard state == .established || state == .closeWait else { return true }
            var left = count
            while left > 0 {
                push([.ack, .psh], min(left, 1000))
                left -= min(left, 1000)
            }
        case .sendAndClose(let count): shut(with: count)
        case .read(let count): return received >= count || isGone || sawEnd
        case .readToEnd: return sawEnd || isGone
        case .sleep(let milliseconds):
            let due = sleepUntil ?? now + milliseconds * Self.millisecond
            guard due > now else {
                sleepUntil = nil
                return true
            }
            sleepUntil = due
            wakeLater(due)
            return false
        case .until(let milliseconds):
            guard milliseconds * Self.millisecond > now else { return true }
            wakeLater(milliseconds * Self.millisecond)
            return false
        case .shutdown: shut(with: 0)
        case .close:
            isClosedForReading = true
            shut(with: 0)
        case .abort:
            guard state.isSynchronized else { return true }
            transmit([.rst, .ack], sendNext, 0)
            end()
        case .crash: end()
        case .forge(let change):
            transmit([.ack], sendNext, 0, change)
        }
        return true
    }

    private mutating func shut(with count: UInt32) {
        switch state {
        case .established, .synReceived: setState(.finWait1)
        case .closeWait: setState(.lastAck)
        default: return
        }
        push([.fin, .ack], count)
    }

    // MARK: What it sends

    private mutating func push(_ flags: TCPFlags, _ count: UInt32) {
        let length = count + (flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1)
        if queue.isEmpty {
            timeout = (flags.contains(.syn) ? 1000 : 200) * Self.millisecond
            retries = 0
        }
        queue.append(Unacknowledged(sequence: sendNext, length: length, flags: flags))
        let sequence = sendNext
        sendNext = sendNext + length
        transmit(flags, sequence, length)
        if queue.count == 1 { startTimer() }
    }

    private mutating func acknowledge() { transmit([.ack], sendNext, 0) }

    private mutating func acknowledgeSoon() {
        guard behaviour.ackDelay > 0, state != .timeWait, state != .closing else {
            return acknowledge()
        }
        let due = now + behaviour.ackDelay * Self.millisecond
        acknowledgeAt = due
        wakeLater(due)
    }

    private mutating func transmit(
        _ flags: TCPFlags, _ sequence: SequenceNumber, _ length: UInt32,
        _ change: (inout Segment) -> Void = { _ in }
    ) {
        var segment = Segment()
        segment.source = address
        segment.destination = peerAddress
        segment.sourcePort = port
        segment.destinationPort = peerPort
        segment.sequenceNumber = sequence
        segment.flags = flags
        segment.payloadLength =
            length - (flags.isDisjoint(with: [.syn, .fin]) ? 0 : min(length, 1))
        segment.window = 64240
        segment.timeToLive = 64
        if flags.contains(.ack) {
            segment.acknowledgmentNumber = receiveNext
            acknowledgeAt = nil
        }
        if hasTimestamps, !flags.contains(.rst) {
            segment.options.present.insert(.timestamps)
            segment.options.timestampValue =
                UInt32(truncatingIfNeeded: now / Self.millisecond) &+ initialSequence.rawValue
            segment.options.timestampEcho = flags.contains(.ack) ? timestampRecent : 0
        }
        change(&segment)
        wishes.append(.transmit(segment))
    }

    /// RFC 9293, section 3.5.2, group 1: the answer of a host that has no such connection.
    private mutating func refuse(_ segment: Segment) {
        guard !segment.flags.contains(.rst) else { return }
        transmit([.rst], segment.acknowledgmentNumber, 0) {
            $0.window = 0
            if !segment.flags.contains(.ack) {
                $0.flags = [.rst, .ack]
                $0.sequenceNumber = SequenceNumber(0)
                $0.acknowledgmentNumber = segment.endSequenceNumber
            }
        }
    }

    // MARK: Its states

    private mutating func begin(_ from: State, _ to: State) {
        if !lives.isEmpty { initialSequence = sendNext + 300_000 }
        lives.append([])
        state = from
        sendNext = initialSequence
        sendUnacknowledged = initialSequence
        queue = []
        early = []
        received = 0
        sawEnd = false
        isClosedForReading = false
        setState(to)
    }

    private mutating func setState(_ next: State) {
        lives[lives.count - 1].append(Change(from: state, to: next, time: now))
        state = next
    }

    private mutating func end() {
        guard state != .closed else { return }
        setState(.closed)
        queue = []
        retransmitAt = nil
        acknowledgeAt = nil
        isRequest = false
    }

    // MARK: What it receives

    /// Takes a segment that arrives.
    mutating func receive(_ segment: Segment, at time: Int64) {
        now = time
        process(segment)
        run()
    }

    private mutating func process(_ segment: Segment) {
        switch state {
        case .closed: receiveWithoutConnection(segment)
        case .synSent: receiveInSynSent(segment)
        case .synReceived where isRequest: receiveForRequest(segment)
        case .timeWait
        where behaviour.listens && segment.flags.contains(.syn) && !segment.flags.contains(.ack)
            && segment.sequenceNumber > receiveNext:
            // Linux tcp_timewait_state_process: TCP_TW_SYN.
            end()
            receiveWithoutConnection(segment)
        default: receiveSynchronized(segment)
        }
    }

    private mutating func receiveWithoutConnection(_ segment: Segment) {
        guard behaviour.listens, !segment.flags.contains(.rst) else { return refuse(segment) }
        if segment.flags.contains(.syn), !segment.flags.contains(.ack) {
            if behaviour.usesCookies {
                receiveNext = segment.endSequenceNumber
                timestampRecent = segment.options.timestampValue
                transmit([.syn, .ack], initialSequence, 1)
                return
            }
            begin(.listen, .synReceived)
            isRequest = true
            receiveNext = segment.endSequenceNumber
            timestampRecent = segment.options.timestampValue
            push([.syn, .ack], 0)
        } else if behaviour.usesCookies, segment.acknowledgmentNumber == initialSequence + 1 {
            begin(.listen, .synReceived)
            isRequest = true
            sendNext = initialSequence + 1
            receiveNext = segment.sequenceNumber
            receiveForRequest(segment)
        } else {
            refuse(segment)
        }
    }

    private mutating func receiveInSynSent(_ segment: Segment) {
        let flags = segment.flags
        if flags.contains(.ack), segment.acknowledgmentNumber != sendNext { return refuse(segment) }
        if flags.contains(.rst) {
            if flags.contains(.ack) { end() }
            return
        }
        guard flags.contains(.syn) else { return }
        receiveNext = segment.endSequenceNumber
        timestampRecent = segment.options.timestampValue
        if flags.contains(.ack) {
            receiveAcknowledgment(segment)
            setState(.established)
            acknowledge()
        } else {
            setState(.synReceived)
            transmit([.syn, .ack], initialSequence, 1)
        }
    }

    /// Linux tcp_check_req.
    private mutating func receiveForRequest(_ segment: Segment) {
        let flags = segment.flags
        if flags.contains(.rst) {
            if segment.sequenceNumber.isWithin(receiveNext, length: 64240) { end() }
            return
        }
        if flags.contains(.syn) {
            if !flags.contains(.ack), segment.endSequenceNumber == receiveNext {
                transmit([.syn, .ack], initialSequence, 1)
            }
            return
        }
        guard flags.contains(.ack), segment.acknowledgmentNumber == sendNext else {
            return refuse(segment)
        }
        guard now >= behaviour.acceptsFrom * Self.millisecond else { return }
        isRequest = false
        receiveSynchronized(segment)
    }

    /// RFC 9293, section 3.10.7.4, in its order.
    private mutating func receiveSynchronized(_ segment: Segment) {
        let flags = segment.flags
        if flags.contains(.rst) { return receiveReset(segment) }
        if segment.endSequenceNumber < receiveNext || segment.sequenceNumber > receiveNext + 64240 {
            return acknowledge()
        }
        if flags.contains(.syn) {
            // The SYN,ACK of a simultaneous open; all others draw a challenge ACK.
            if state == .synReceived, flags.contains(.ack), segment.acknowledgmentNumber == sendNext
            {
                receiveAcknowledgment(segment)
            } else {
                acknowledge()
            }
            return
        }
        guard flags.contains(.ack) else { return }
        guard segment.acknowledgmentNumber <= sendNext else { return acknowledge() }
        // RFC 7323, section 4.3; in TIME-WAIT Linux keeps the one it had.
        if segment.options.present.contains(.timestamps), segment.sequenceNumber <= receiveNext,
            state != .timeWait
        {
            timestampRecent = segment.options.timestampValue
        }
        receiveAcknowledgment(segment)
        if state != .closed { receiveText(segment) }
    }

    /// RFC 5961, section 3; Linux tcp_reset_check: some stacks reset with the number of their FIN.
    private mutating func receiveReset(_ segment: Segment) {
        let hasFIN = state.hasReceivedFIN && state != .timeWait
        if segment.sequenceNumber == receiveNext
            || hasFIN && segment.sequenceNumber == receiveNext - 1
        {
            end()
        } else if segment.sequenceNumber.isWithin(receiveNext, length: 64240) {
            acknowledge()
        }
    }

    private mutating func receiveAcknowledgment(_ segment: Segment) {
        let acknowledged = segment.acknowledgmentNumber
        if state == .synReceived, acknowledged > initialSequence { setState(.established) }
        guard acknowledged > sendUnacknowledged else { return }
        sendUnacknowledged = acknowledged
        let hadRetried = retries > 0
        queue.removeAll { $0.sequence + $0.length <= acknowledged }
        retries = 0
        timeout = 200 * Self.millisecond
        if hadRetried, let next = queue.first { transmit(next.flags, next.sequence, next.length) }
        startTimer()
        guard acknowledged == sendNext else { return }
        switch state {
        case .finWait1: setState(.finWait2)
        case .closing: setState(.timeWait)
        case .lastAck: end()
        default: break
        }
    }

    private mutating func receiveText(_ segment: Segment) {
        guard segment.length > 0 else {
            // A keepalive, or a probe from before: RFC 9293, section 3.8.4.
            if segment.sequenceNumber < receiveNext { acknowledge() }
            return
        }
        guard segment.endSequenceNumber > receiveNext else { return acknowledge() }
        if isClosedForReading, segment.payloadLength > 0 {
            refuse(segment)
            end()
            return
        }
        early.append(segment)
        guard segment.sequenceNumber <= receiveNext else { return acknowledge() }
        while let index = early.firstIndex(where: {
            $0.sequenceNumber <= receiveNext && $0.endSequenceNumber > receiveNext
        }) {
            let next = early.remove(at: index)
            received += next.payloadLength
            receiveNext = next.endSequenceNumber
            if next.flags.contains(.fin) { receiveFIN() }
        }
        acknowledgeSoon()
    }

    private mutating func receiveFIN() {
        sawEnd = true
        switch state {
        case .established: setState(.closeWait)
        case .finWait1: setState(.closing)
        case .finWait2: setState(.timeWait)
        default: break
        }
    }
}
