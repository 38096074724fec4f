import Foundation
import TestKit
import Testing
import Wire

/// A busy minute with every packet in its place, and what traps make of it.
private struct Traffic {
    /// A packet at the tap.
    struct Packet {
        var segment: Segment
        var time: Timestamp
        var tag: UInt16?
        /// Bytes that are captured; nil for all.
        var captured: Int?
    }

    var packets: [Packet] = []

    /// Twenty whole connections, one after the other: handshake, request, long answer, close.
    init() {
        var identification: UInt16 = 1
        for index in 0..<20 as Range<UInt16> {
            let talk = Conversation(
                incident: (), client: (Address(ipv4: 0x0a01_0165), 40_000 + index))
            talk.now = talk.now + Int64(index) * 1_000_000_000
            talk.open()
            talk.client.send(200)
            for _ in 0..<10 {
                talk.server.send(1_000)
                talk.client.ack()
            }
            talk.client.fin()
            talk.server.fin()
            talk.client.ack()
            for (segment, time) in talk.segments {
                var segment = segment
                segment.identification = identification
                identification += 1
                packets.append(Packet(segment: segment, time: time))
            }
        }
    }

    /// Sees every packet a second time, 30 µs later, changed.
    mutating func double(_ change: (inout Packet) -> Void) {
        packets = packets.flatMap { packet in
            var copy = packet
            copy.time = copy.time + 30_000
            change(&copy)
            return [packet, copy]
        }
    }

    var pcap: [UInt8] { pcap(packets[...]) }

    func pcap(_ packets: ArraySlice<Packet>) -> [UInt8] {
        var writer = PcapWriter(isNanosecond: true)
        for packet in packets {
            let ip = PacketBuilder(packet.segment).ip
            let frame =
                packet.tag.map { ip.afterTag($0, .ipv4).inEthernet(.vlan) }
                ?? ip.inEthernet(.ipv4)
            writer.append(
                Array(frame.prefix(packet.captured ?? frame.count)), at: packet.time,
                wireLength: frame.count)
        }
        return writer.bytes
    }
}

/// The section on what the capture itself lacks.
struct QualityTests {
    /// What the report says of some files: the traps by name.
    private static func flaws(
        _ files: [[UInt8]], _ arguments: String...
    ) throws -> [String: [String: Any]] {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var paths: [String] = []
        for (index, bytes) in files.enumerated() {
            let file = folder.appendingPathComponent("file\(index)")
            try Data(bytes).write(to: file)
            paths.append(file.path)
        }
        let outcome = try Tool.run(Tool.path, ["--json"] + arguments + paths)
        let quality = try Tool.objects(outcome.output).compactMap {
            $0["quality"] as? [String: Any]
        }
        return Dictionary(
            quality.compactMap { row in (row["trap"] as? String).map { ($0, row) } },
            uniquingKeysWith: { first, _ in first })
    }

    private static func retransmissions(_ pcap: [UInt8]) throws -> Int {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("file")
        try Data(pcap).write(to: file)
        let outcome = try Tool.run("connections", "--json", file.path)
        return try Tool.objects(outcome.output).reduce(0) { sum, row in
            ["client_traffic", "server_traffic"].reduce(sum) { sum, end in
                sum + ((row[end] as? [String: Any])?["retransmissions"] as? Int ?? 0)
            }
        }
    }

    @Test func `A whole capture has no flaw`() throws {
        #expect(try Self.flaws([Traffic().pcap]).isEmpty)
        #expect(try Self.flaws([Traffic().pcap], "--verify-checksums").isEmpty)
    }

    @Test(
        arguments: [
            ("copies", 0 as UInt8, nil), ("routed_copies", 1, nil), ("tagged_copies", 0, 7),
        ] as [(String, UInt8, UInt16?)])
    func `Copies are half of all, and no retransmissions`(
        name: String, hops: UInt8, tag: UInt16?
    ) throws {
        var traffic = Traffic()
        traffic.double {
            $0.segment.timeToLive -= hops
            $0.tag = tag
        }
        let flaws = try Self.flaws([traffic.pcap])
        #expect(Array(flaws.keys) == [name])
        #expect(flaws[name]?["count"] as? Int == traffic.packets.count / 2)
        #expect(try Self.retransmissions(traffic.pcap) == 0)
    }

    @Test func `A real repetition counts, a copy of it does not`() throws {
        var traffic = Traffic()
        // The first answer again, with the identification of a packet sent anew.
        var again = traffic.packets[4]
        #expect(again.segment.payloadLength == 1_000)
        again.time = again.time + 5_000_000
        again.segment.identification = 0x4000
        traffic.packets.insert(again, at: 5)
        #expect(try Self.retransmissions(traffic.pcap) == 1)
        traffic.double { _ in }
        #expect(try Self.retransmissions(traffic.pcap) == 1)
    }

    @Test func `Both sides of an address translation`() throws {
        var traffic = Traffic()
        let inside = Address(ipv4: 0x0a01_0165)
        let outside = Address(ipv4: 0xc633_6409)
        traffic.double {
            if $0.segment.source == inside { $0.segment.source = outside }
            if $0.segment.destination == inside { $0.segment.destination = outside }
        }
        let flaws = try Self.flaws([traffic.pcap])
        #expect(Array(flaws.keys) == ["translated"])
        // Every packet with payload: eleven a connection.
        #expect(flaws["translated"]?["count"] as? Int == 20 * 11)
    }

    @Test func `One direction only`() throws {
        var traffic = Traffic()
        traffic.packets.removeAll { $0.segment.destinationPort == 8080 }
        let flaw = try Self.flaws([traffic.pcap])["one_direction"]
        #expect(flaw?["count"] as? Int == 20)
        #expect((flaw?["blocks"] as? [String])?.contains("syn-filtered") == true)
    }

    @Test func `A filter that lets SYN, FIN and RST through`() throws {
        var traffic = Traffic()
        traffic.packets.removeAll { $0.segment.flags.isDisjoint(with: [.syn, .fin, .rst]) }
        let flaws = try Self.flaws([traffic.pcap])
        #expect(flaws["flags_only"]?["count"] as? Int == 20)
        #expect(flaws["sampled"] == nil)
    }

    @Test func `One packet of ten`() throws {
        var traffic = Traffic()
        let all = traffic.packets
        traffic.packets = all.enumerated().filter { $0.offset % 10 == 3 }.map(\.element)
        #expect(try Self.flaws([traffic.pcap])["sampled"] != nil)
    }

    @Test func `Segments that only the capture lost`() throws {
        var traffic = Traffic()
        // The second answer of the first connection: its acknowledgment is there.
        traffic.packets.remove(at: 6)
        let flaws = try Self.flaws([traffic.pcap])
        #expect(Array(flaws.keys) == ["holes"])
        #expect(flaws["holes"]?["count"] as? Int == 1)
    }

    @Test func `A capture that begins and ends in the middle`() throws {
        let traffic = Traffic()
        let middle = traffic.packets[10..<(traffic.packets.count - 10)]
        let flaws = try Self.flaws([traffic.pcap(middle)])
        #expect(Set(flaws.keys) == ["mid_stream", "stopped_early"])
        #expect(flaws["mid_stream"]?["count"] as? Int == 1)
        #expect(flaws["stopped_early"]?["count"] as? Int == 1)
    }

    @Test func `Packets cut behind their headers, and in them`() throws {
        var traffic = Traffic()
        for index in traffic.packets.indices { traffic.packets[index].captured = 54 }
        #expect(Array(try Self.flaws([traffic.pcap]).keys) == ["headers_only"])
        for index in traffic.packets.indices { traffic.packets[index].captured = 100 }
        #expect(Array(try Self.flaws([traffic.pcap]).keys) == ["snapshot_length"])
        for index in traffic.packets.indices {
            traffic.packets[index].segment.options.present = [.timestamps]
            traffic.packets[index].captured = 60
        }
        #expect(Set(try Self.flaws([traffic.pcap]).keys) == ["headers_only", "cut_options"])
    }

    @Test func `A clock that jumps, and one that is set back`() throws {
        var traffic = Traffic()
        let half = traffic.packets.count / 2
        for index in half..<traffic.packets.count {
            traffic.packets[index].time = traffic.packets[index].time + 7_200_000_000_000
        }
        let jump = try Self.flaws([traffic.pcap])["time_jumps"]
        #expect(jump?["count"] as? Int == 1)
        #expect((jump?["detail"] as? String)?.contains("2h 00m") == true)
        traffic.packets.reverse()
        traffic.packets.swapAt(0, traffic.packets.count - 1)
        #expect(try Self.flaws([traffic.pcap])["back_in_time"] != nil)
    }

    @Test func `A rotated file that is missing`() throws {
        var traffic = Traffic()
        // All at once, so that every connection lies across the gap.
        for index in traffic.packets.indices {
            let port = max(
                traffic.packets[index].segment.sourcePort,
                traffic.packets[index].segment.destinationPort)
            traffic.packets[index].time =
                traffic.packets[index].time - Int64(port - 40_000) * 1_000_000_000
            // Slower: the gap lasts more than a second.
            let start = Int64(1_795_219_200_000_000_000)
            traffic.packets[index].time.nanoseconds +=
                (traffic.packets[index].time.nanoseconds - start) * 99
        }
        traffic.packets.sort { $0.time < $1.time }
        let third = traffic.packets.count / 3
        let first = traffic.pcap(traffic.packets[..<third])
        let second = traffic.pcap(traffic.packets[third..<(2 * third)])
        let last = traffic.pcap(traffic.packets[(2 * third)...])
        #expect(try Self.flaws([first, second, last]).isEmpty)
        let flaw = try Self.flaws([first, last])["missing_file"]
        #expect(flaw?["count"] as? Int == 20)
        #expect(flaw?["of"] as? Int == 20)
    }

    @Test func `What a host's network card checksums later is no damage`() throws {
        var bytes = Traffic().pcap
        // The TCP checksum of every frame that the client sends: source 10.1.1.101 at byte 26.
        var offset = 24
        while offset + 16 <= bytes.count {
            let length = Int(bytes[offset + 8]) | Int(bytes[offset + 9]) << 8
            if Array(bytes[(offset + 16 + 26)..<(offset + 16 + 30)]) == [10, 1, 1, 101] {
                bytes[offset + 16 + 50] ^= 0xff
            }
            offset += 16 + length
        }
        #expect(try Self.flaws([bytes]).isEmpty)
        let flaws = try Self.flaws([bytes], "--verify-checksums")
        #expect(Array(flaws.keys) == ["checksum_offload"])
        #expect((flaws["checksum_offload"]?["detail"] as? String)?.contains("10.1.1.101") == true)
    }

    @Test func `Damage now and then is not offload`() throws {
        var bytes = Traffic().pcap
        // The last byte of the file is payload of nothing: change a TCP port's neighbour, the window,
        // of the first and the third frame.
        bytes[24 + 16 + 48] ^= 1
        let length = Int(bytes[24 + 8])
        let second = 24 + 16 + length
        let third = second + 16 + Int(bytes[second + 8])
        bytes[third + 16 + 48] ^= 1
        let flaws = try Self.flaws([bytes], "--verify-checksums")
        #expect(Array(flaws.keys) == ["wrong_checksums"])
        #expect(flaws["wrong_checksums"]?["count"] as? Int == 2)
    }
}
