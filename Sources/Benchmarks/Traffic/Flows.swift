import TestKit
import Wire

/// So many connections, all open at once, that share so many packets at random: for growth. Headers
/// without options, to keep files small.
struct Flows {
    var connections: Int
    /// All of them, three of each handshake included.
    var packets: Int
    let snapshotLength = 54

    /// Writes the capture.
    func write(to writer: inout CaptureWriter, seed: UInt64) throws(BenchmarkError)
        -> GenerationSummary
    {
        var random = SplitMix64(seed: seed)
        /// SND.NXT of client and server.
        var next = [SIMD2<UInt32>](repeating: SIMD2(1, 1), count: connections)
        var time: UInt64 = 0
        func send(
            _ flow: Int, _ sender: Party, _ flags: TCPFlags, payload: Int = 0
        ) throws(BenchmarkError) {
            // 16 million clients with 256 ports each.
            let client = Host(
                UInt32(0x0a00_0000 + flow & 0xff_ffff), port: UInt16(40_000 + flow >> 24),
                sendNext: next[flow][0], clock: 0)
            let server = Host(0xc612_000a, port: 443, sendNext: next[flow][1], clock: 0)
            let (source, destination) = sender == .client ? (client, server) : (server, client)
            time += 1
            try writer.write(
                Packet(
                    time: time, source: source, destination: destination, flags: flags,
                    sequenceNumber: source.sendNext,
                    acknowledgmentNumber: destination.sendNext, payload: payload,
                    hasOptions: false))
            let sent = UInt32(payload + (flags.contains(.syn) ? 1 : 0))
            next[flow][sender.rawValue] &+= sent
        }
        for flow in 0..<connections {
            try send(flow, .client, .syn)
            try send(flow, .server, [.syn, .ack])
            try send(flow, .client, .ack)
        }
        for _ in stride(from: 3 * connections, to: packets, by: 1) {
            let flow = random.below(connections)
            try send(flow, random.chance(perMille: 500) ? .client : .server, .ack, payload: 100)
        }
        return GenerationSummary(connections: connections)
    }
}
