import TestKit
import Wire

/// A made-up connection at work: writes one packet after the other, each at its time.
struct Talk {
    private let steps: [Step]
    private var step = 0
    private var hosts: InlineArray<2, Host>
    private let pace: Pace
    private var transfer: Transfer
    /// When its next packet is sent, in microseconds since the capture began.
    private(set) var time: UInt64

    init(
        _ steps: [Step], client: Host, server: Host, pace: Pace, transfer: Transfer, at time: UInt64
    ) {
        self.steps = steps
        hosts = [client, server]
        self.pace = pace
        self.transfer = transfer
        self.time = time
    }

    /// Writes the next packet and sets the time of the one after it.
    ///
    /// - Returns: false when this was the last.
    mutating func send(
        to writer: inout CaptureWriter, _ random: inout SplitMix64
    ) throws(BenchmarkError) -> Bool {
        let sender = sender
        try write(from: sender, to: &writer, &random)
        guard step < steps.count else { return false }
        var pause = pace.pause(before: self.sender, after: sender, &random)
        if case .repeatedSYN = steps[step] {
            // RFC 6298, section 5: one second, and each time twice as long.
            pause = Double(1_000_000 << (step - 1))
        }
        time += 1 + UInt64(pause)
        return true
    }

    /// Data segments that it has sent twice.
    var repetitions: Int { transfer.repetitions }

    /// Whose turn it is.
    private var sender: Party {
        switch steps[step] {
        case .syn, .repeatedSYN: .client
        case .synAck: .server
        case .transfer: transfer.nextSender
        case .acknowledgment(let party), .data(let party), .fin(let party),
            .crossingFIN(let party), .reset(let party):
            party
        }
    }

    private mutating func write(
        from sender: Party, to writer: inout CaptureWriter, _ random: inout SplitMix64
    ) throws(BenchmarkError) {
        let source = hosts[sender.rawValue]
        var packet = Packet(
            time: time, source: source, destination: hosts[sender.other.rawValue], flags: .ack,
            sequenceNumber: source.sendNext,
            acknowledgmentNumber: hosts[sender.other.rawValue].sendNext)
        var sent = 0
        switch steps[step] {
        case .syn:
            packet.flags = .syn
            sent = 1
        case .repeatedSYN:
            packet.flags = .syn
            packet.sequenceNumber &-= 1
        case .synAck:
            packet.flags = [.syn, .ack]
            sent = 1
        case .acknowledgment: break
        case .transfer:
            let segment = transfer.next(&random)
            packet.payload = segment.payload
            packet.sequenceNumber &-= UInt32(segment.back)
            sent = segment.payload - segment.back
            if segment.isPushed { packet.flags = [.psh, .ack] }
        case .data:
            packet.flags = [.psh, .ack]
            packet.payload = 100
            sent = 100
        case .fin:
            packet.flags = [.fin, .ack]
            sent = 1
        case .crossingFIN:
            packet.flags = [.fin, .ack]
            packet.acknowledgmentNumber &-= 1
            sent = 1
        case .reset:
            packet.flags = [.rst, .ack]
            packet.hasOptions = false
        }
        hosts[sender.rawValue].sendNext &+= UInt32(sent)
        if case .transfer = steps[step], !transfer.isOver { return try writer.write(packet) }
        step += 1
        try writer.write(packet)
    }
}

/// How fast the ends of a connection are, as the tap sees it; mean times in microseconds.
struct Pace {
    /// Between two packets of the same end.
    var gap: Double
    /// Until the client, and the server, answers.
    var answers: InlineArray<2, Double>
    /// What an answer takes longer where a person has to think, six times in a hundred.
    var thought: Double

    func pause(before next: Party, after last: Party, _ random: inout SplitMix64) -> Double {
        guard next != last else { return random.exponential(mean: gap) }
        let answer = random.exponential(mean: answers[next.rawValue])
        return random.chance(perMille: 60) ? answer + random.exponential(mean: thought) : answer
    }
}
