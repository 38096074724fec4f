import TestKit
import Wire

/// SYNs from as many spoofed addresses, one in twenty of them answered; no handshake is completed.
struct SynFlood {
    var connections = 5_000_000
    let snapshotLength = 96

    /// Writes the capture.
    func write(to writer: inout CaptureWriter, seed: UInt64) throws(BenchmarkError)
        -> GenerationSummary
    {
        var random = SplitMix64(seed: seed)
        var time: UInt64 = 0
        /// The SYN that is answered next.
        var open: Packet?
        for number in 0..<connections {
            time += 1 + UInt64(random.below(19))
            // An odd factor: no two numbers give the same address.
            let address = UInt32(truncatingIfNeeded: number) &* 0x9e37_79b1
            let bits = random.next()
            let client = Host(
                address, port: 1024 + UInt16(random.below(64512)), sendNext: UInt32(bits >> 32),
                clock: UInt32(truncatingIfNeeded: bits))
            let server = Host(0xc612_000a, port: 443, sendNext: ~client.clock, clock: 0)
            let packet = Packet(
                time: time, source: client, destination: server, flags: .syn,
                sequenceNumber: client.sendNext, acknowledgmentNumber: 0)
            try writer.write(packet)
            if random.chance(perMille: 50) {
                if let open { try answer(open, at: time, &writer) }
                open = packet
            }
        }
        if let open { try answer(open, at: time, &writer) }
        return GenerationSummary(connections: connections)
    }

    private func answer(
        _ packet: Packet, at time: UInt64, _ writer: inout CaptureWriter
    ) throws(BenchmarkError) {
        try writer.write(
            Packet(
                time: time, source: packet.destination, destination: packet.source,
                flags: [.syn, .ack], sequenceNumber: packet.destination.sendNext,
                acknowledgmentNumber: packet.sequenceNumber &+ 1))
    }
}
