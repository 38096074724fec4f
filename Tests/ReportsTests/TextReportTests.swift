import Diagnosis
import Reports
import TCPState
import TestKit
import Testing
import Wire

/// Two leaked connections and one that was refused, as a report sees them.
enum Scene {
    static func report(files: [String] = ["leak.pcap"], local: Set<Address> = []) throws -> Report {
        var account = CaptureAccount()
        account.files = files
        account.frames = 20
        account.segments = 17
        account.setAside = [(.notIP, 1), (.icmp, 2)]
        account.connections = 3
        var overview = Overview(local: local)
        var talks: [Conversation] = []
        for port in [40_000, 40_001] as [UInt16] {
            let talk = Conversation(incident: (), client: (Address(ipv4: 0x0a01_0165), port))
            talk.open()
            talk.client.fin()
            talk.server.ack()
            talks.append(talk)
        }
        let refused = Conversation(incident: ())
        refused.client.syn()
        refused.server.rstAck()
        talks.append(refused)
        account.first = talks[0].segments.first?.time
        let end = talks[0].now + 42_000_000_000
        account.last = end
        for talk in talks { overview.take(try #require(talk.record), at: end) }
        return Report(account: account, overview: overview)
    }

    static func text(_ report: Report, limit: Int? = 3) -> String {
        var sink = TextSink()
        var format = TextReport(limit: limit)
        format.write(report, to: &sink)
        return sink.text
    }
}

struct TextReportTests {
    // Segments pass the tap every 10 ms, so each end is taken to be 5 ms away from it.
    @Test func `The report reads as it should`() throws {
        #expect(
            Scene.text(try Scene.report(), limit: 1).split(separator: "\n")
                == """
                leak.pcap
                2026-11-21T00:00:00.010000Z to 00:00:42.050000Z, 42.0 s
                20 frames = 17 TCP segments + 3 set aside; 3 connections
                set aside: not_ip 1, icmp 2
                Tap: between the hosts: neither answers at once.

                States at the end of the capture
                  clients                   servers                   both ends
                  FIN_WAIT2        2        CLOSE_WAIT       2        FIN_WAIT2        2
                  CLOSE            1        CLOSE            1        CLOSE_WAIT       2
                                                                      CLOSE            2

                Half-closed or stuck: 2 of 3 connections

                2 × FIN_WAIT2 / CLOSE_WAIT  half-closed
                server 10.1.1.2:8080, oldest 42.0 s
                  client 10.1.1.101:40000             FIN_WAIT2      41.9 s inferred
                  server 10.1.1.2:8080                CLOSE_WAIT     42.0 s
                    since 2026-11-21T00:00:00.045000Z, frame 4, tcp.stream eq 0
                    10.1.1.2:8080 received the FIN 42.0 s ago and its program has not closed:
                    the server owes a close().
                  … and 1 more: --all

                How connections ended
                  refused                  1
                  half-closed              2
                """.split(separator: "\n"))
    }

    @Test func `Every connection is shown when all are asked for`() throws {
        let text = Scene.text(try Scene.report(), limit: nil)
        #expect(text.contains("10.1.1.101:40000"))
        #expect(text.contains("10.1.1.101:40001"))
        #expect(!text.contains("--all"))
    }

    @Test func `The local side is marked and counted`() throws {
        let text = Scene.text(try Scene.report(local: [Address(ipv4: 0x0a01_0102)]))
        #expect(text.contains("\n> server 10.1.1.2:8080 "))
        #expect(text.contains("\n  client 10.1.1.101:40000 "))
        #expect(text.contains("local               remote"))
    }

    @Test func `With several files the filter goes by addresses`() throws {
        let text = Scene.text(try Scene.report(files: ["a.pcap", "b.pcap"]))
        #expect(text.contains("frame 1:4"))
        #expect(text.contains("ip.addr == 10.1.1.101 && tcp.port == 40000 && tcp.port == 8080"))
        #expect(!text.contains("tcp.stream"))
    }

    @Test func `The longest addresses fit`() throws {
        let far = Address(high: 0x2001_0db8_ffff_ffff, low: 0xffff_ffff_ffff_ff01)
        let near = Address(high: 0x2001_0db8_ffff_ffff, low: 0xffff_ffff_ffff_ff02)
        let talk = Conversation(
            clientAddress: far, clientPort: 65_535, serverAddress: near, serverPort: 65_534)
        talk.open()
        talk.client.fin()
        talk.server.ack()
        var overview = Overview(local: [near])
        overview.take(try #require(talk.record), at: talk.now)
        for files in [1, 2] {
            for spelling in StateSpelling.allCases {
                var account = CaptureAccount()
                account.connections = 1
                account.files = Array(
                    repeating: String(repeating: "long/", count: 30), count: files)
                let report = Report(account: account, overview: overview, spelling: spelling)
                let lines = Scene.text(report, limit: nil).split(separator: "\n")
                #expect(lines.filter { $0.count > 80 } == [])
            }
        }
    }

    @Test func `A file's name does not reach the terminal's controls`() throws {
        let text = Scene.text(try Scene.report(files: ["evil\u{1b}[2J\n.pcap"]))
        #expect(!text.contains("\u{1b}"))
        #expect(text.hasPrefix("evil?[2J?.pcap\n"))
    }

    @Test func `Losses of the capture are said`() {
        var account = CaptureAccount()
        account.connections = 1
        account.dropped = 7
        account.evicted = 9
        account.skipped = 11
        let text = Scene.text(Report(account: account, overview: Overview()))
        #expect(text.contains("The capture lost 7 packets"))
        #expect(text.contains("9 connections had to leave the full table early"))
        #expect(text.contains("11 frames skipped by the filter"))
    }

    @Test func `No connections give no tables`() {
        let text = Scene.text(Report(account: CaptureAccount(), overview: Overview()))
        #expect(text.hasSuffix("\nNo TCP connections.\n"))
    }
}

struct JSONReportTests {
    @Test func `The lines are those of the text`() throws {
        var sink = TextSink()
        var format = JSONReport()
        format.write(try Scene.report(), to: &sink)
        let lines = sink.text.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(
            lines[0].hasPrefix(
                #"{"capture":{"files":["leak.pcap"],"frames":20,"tcp":17,"#
                    + #""set_aside":{"not_ip":1,"icmp":2},"#))
        #expect(
            lines[1] == #"{"states":{"client":{"FIN_WAIT2":2,"CLOSE":1},"#
                + #""server":{"CLOSE_WAIT":2,"CLOSE":1},"#
                + #""both":{"FIN_WAIT2":2,"CLOSE_WAIT":2,"CLOSE":2}}}"#)
        #expect(
            lines[2].hasPrefix(
                #"{"stuck":{"situation":"half_closed","client":"10.1.1.101:40000","#
                    + #""server":"10.1.1.2:8080","states":"FIN_WAIT2 / CLOSE_WAIT","#
                    + #""waiting_for":"server","#))
        #expect(lines[4].contains(#""refused":1,"#))
        #expect(lines[4].contains(#""half_closed":2,"#))
    }
}
