import Foundation
import TestKit
import Testing
import Wire

/// What is split, tracked shard by shard and merged is what one process makes of the same files, byte for byte.
struct ShardTests {
    /// What the parts are merged to, and what one process is asked for.
    private static let results: [(merge: [String], whole: [String])] = [
        (["--json", "--all"], ["report", "--json", "--all"]),
        ([], ["report"]),
        (["--markdown", "--states", "rfc"], ["report", "--markdown", "--states", "rfc"]),
        (["--json", "--where", "stuck"], ["report", "--json", "--where", "stuck"]),
        (["--print", "connections", "--json"], ["connections", "--json"]),
        (["--print", "connections"], ["connections"]),
        (["--print", "connections", "--csv"], ["connections", "--format", "csv"]),
        (["--print", "transitions", "--json"], ["transitions", "--json"]),
        (["--print", "transitions"], ["transitions"]),
    ]

    /// Into how many shards.
    private static let counts = Tool.everyCapture.isEmpty ? [4] : [1, 3, 8]

    /// All captures where that is wanted, else a few.
    private static let captures =
        Tool.everyCapture.isEmpty
        ? ["incident.pcapng", "half-close-working.pcapng", "syn-unanswered.pcap"]
        : Tool.everyCapture

    private func expectSame(_ shards: Shards, as files: [String]) throws {
        for (merge, whole) in Self.results {
            let one = try Tool.run(Tool.path, whole + files)
            let merged = try shards.merge(merge)
            #expect(merged.output == one.output, "\(whole)")
            #expect(merged.errors == one.errors)
            #expect(merged.code == one.code)
        }
    }

    @Test(arguments: captures, counts)
    func `Shards merge to what one process prints`(capture: String, count: Int) throws {
        let files = [Tool.capture(capture)]
        try expectSame(Shards([files], count: count, options: ["--transitions"]), as: files)
    }

    /// Rotated files, one of them packed, one damaged: the second is cut in a record.
    @Test func `Files that follow one another may be split each for itself`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let prepare = try Tool.bash(
            """
            cd '\(folder.path)' && editcap -c 700 '\(Tool.capture("incident.pcapng"))' r.pcapng &&
            ls r_* | head -3 | tail -1 | xargs truncate -s -10 && ls r_* | head -1 | xargs gzip
            """)
        #expect(prepare.code == 0, "\(prepare.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let files = names.map { folder.appendingPathComponent($0).path }
        #expect(files.count >= 4)
        let damaged = [[files[2]]]
        _ = try Shards(damaged, count: 1, code: 3)
        // Together they are one run, with a gap between files.
        let whole = Array(files[..<2]) + Array(files[3...])
        let shards = try Shards(whole.map { [$0] }, count: 3, options: ["--transitions"])
        try expectSame(shards, as: whole)
    }

    /// The captured lengths count in the quality of a capture. Wireshark refuses a packet that is longer than `SnapLen`.
    @Test(arguments: [[96], [70, 96, 60, 1_500], [1_500, 58, 200]])
    func `Packets that were cut keep how much of them was captured`(lengths: [Int]) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let size = 3_432 / lengths.count
        var commands = ["cd '\(folder.path)'"]
        for (index, length) in lengths.enumerated() {
            let range = "\(index * size + 1)-\((index + 1) * size)"
            commands.append(
                "editcap -F pcap -s \(length) -r '\(Tool.capture("incident.pcapng"))' \(index) \(range)"
            )
        }
        commands.append(
            "mergecap -a -F pcap -w cut.pcap \(lengths.indices.map(String.init).joined(separator: " "))"
        )
        let prepare = try Tool.bash(commands.joined(separator: " && "))
        #expect(prepare.code == 0, "\(prepare.errors)")
        let file = folder.appendingPathComponent("cut.pcap").path
        let shards = try Shards([[file]], count: 3, options: ["--transitions"])
        try expectSame(shards, as: [file])
        let report = try Tool.run(Tool.path, ["report", file]).output
        #expect(report.contains("cut"))
        let complaints = try Tool.bash(
            """
            cd '\(shards.folder.path)' && for f in split-0/*.zst; do
            zstd -qdc $f > shard.pcapng && tshark -r shard.pcapng 2>&1 >shard.txt && test -s shard.txt
            done | grep -v 'Running as user'
            """)
        #expect(complaints.output.isEmpty && complaints.errors.isEmpty, "\(complaints)")
    }

    @Test func `A damaged file is reported as one process reports it`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("cut.pcapng").path
        var bytes = try Data(contentsOf: URL(fileURLWithPath: Tool.capture("incident.pcapng")))
        bytes.removeLast(bytes.count / 3)
        try bytes.write(to: URL(fileURLWithPath: path))
        try expectSame(
            Shards([[path]], count: 3, code: 3, options: ["--transitions"]), as: [path])
    }

    /// The same segments on two VLANs, a later fragment, an ICMP error about a connection: each finds its shard.
    @Test func `Copies on VLANs, fragments and ICMP errors find their connections`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var writer = PcapWriter(isNanosecond: true)
        var frames: [(bytes: [UInt8], time: Timestamp)] = []
        for number in 0..<40 {
            let talk = Conversation(
                incident: (),
                client: (Address(ipv4: 0x0a01_0100 + UInt32(number)), UInt16(30_000 + number)))
            talk.wait(.milliseconds(7 * number))
            talk.client.syn()
            if number % 4 == 0 {
                for frame in talk.frames {
                    frames.append(frame)
                    frames.append((Self.unreachable(frame.bytes), frame.time + 900_000))
                }
                continue
            }
            talk.server.synAck()
            talk.client.ack()
            talk.client.send(50)
            if number % 3 == 0 { talk.server.rst() } else { talk.client.fin() }
            for frame in talk.frames {
                frames.append(frame)
                let tag: [UInt8] = [0x81, 0, 0, 9]
                frames.append((frame.bytes[..<12] + tag + frame.bytes[12...], frame.time + 30_000))
            }
        }
        for (bytes, time) in frames.sorted(by: { $0.time < $1.time }) {
            writer.append(bytes, at: time)
        }
        let path = folder.appendingPathComponent("mixed.pcap").path
        try Data(writer.bytes).write(to: URL(fileURLWithPath: path))
        let one = try Tool.run("connections", "--json", path)
        #expect(one.output.contains("seen_elsewhere"))
        #expect(one.output.contains("icmp_unreachable"))
        try expectSame(Shards([[path]], count: 8, options: ["--transitions"]), as: [path])
    }

    /// RFC 792: "host unreachable" of a router, with the IPv4 header and eight bytes more.
    private static func unreachable(_ frame: [UInt8]) -> [UInt8] {
        let quoted = frame[14..<42]
        let header: [UInt8] = [
            0x45, 0, 0, UInt8(28 + quoted.count), 0, 0, 0, 0, 64, 1, 0, 0, 10, 9, 9, 9,
        ]
        return frame[..<14] + header + frame[26..<30] + [3, 1, 0, 0, 0, 0, 0, 0] + quoted
    }

    /// What is done is not done again: the files keep their times. A capture that has changed is split anew.
    @Test func `A split that is started again leaves what is complete`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try Tool.bash(
            """
            cd '\(folder.path)' && cp '\(Tool.capture("port-reuse.pcap"))' c.pcap &&
            split() { "$WIRESTATE" split --json --shards 3 --out s c.pcap; } &&
            times() { stat -c '%n %y %s' s/*; } &&
            split > one && times > first && split > two && times > second &&
            cmp one two && cmp first second && rm s/shard-001* && split > three && cmp one three &&
            ls s | wc -l && touch c.pcap && split && times > third && ! cmp -s second third
            """)
        #expect(outcome.code == 0, "\(outcome.output) \(outcome.errors)")
        #expect(outcome.output.hasPrefix("4\n"))
    }

    /// What another program reads in the shards: all TCP packets of the capture, each once, with their lengths.
    @Test func `tshark finds every packet in one shard`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let capture = Tool.capture("incident.pcapng")
        let fields =
            "-T fields -e frame.time_epoch -e frame.len -e tcp.seq_raw -e ip.src -e ipv6.src"
        let outcome = try Tool.bash(
            """
            cd '\(folder.path)' && "$WIRESTATE" split --shards 5 --out s '\(capture)' &&
            "$WIRESTATE" split --shards 5 --out t '\(capture)' && diff -r s t &&
            for f in s/*.zst; do zstd -qdc $f > shard.pcapng && tshark -r shard.pcapng \(fields); done \
            2>/dev/null | sort > got && tshark -r '\(capture)' \(fields) 2>/dev/null | sort > want &&
            diff got want && wc -l < want
            """)
        #expect(outcome.code == 0, "\(outcome.output.prefix(500)) \(outcome.errors)")
        #expect(Int(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)) == 3_432)
    }
}
