import Diagnosis
import Reports
import TCPState
import TestKit
import Testing
import Wire

/// Two leaked connections and one that was refused, as a report sees them.
enum ReportFixture {
    static func report(
        files: [String] = ["leak.pcap"], local: AddressSet = [], exampleLimit: Int? = 3
    ) throws -> Report {
        var input = InputSummary()
        input.files = files
        input.frames = 20
        input.segments = 17
        input.setAside = [(.notIP, 1), (.icmp, 2)]
        input.connections = 3
        if files.count > 1 { input.numbering = FrameNumbering(before: nil) }
        var summary = RunSummary(local: local, exampleLimit: exampleLimit)
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
        input.first = talks[0].segments.first?.time
        let end = talks[0].now + 42_000_000_000
        input.last = end
        for talk in talks { summary.add(try #require(talk.record), at: end) }
        return Report(input: input, summary: summary)
    }

    static func text(_ report: Report, showsAll: Bool = false) -> String {
        var sink = TextSink()
        var format = TextReport(limit: showsAll ? nil : TextReport.standardLimit)
        format.write(report, to: &sink)
        return sink.text
    }
}

struct TextReportTests {
    // Segments pass the tap every 10 ms, so each end is taken to be 5 ms away from it.
    @Test func `The report reads as it should`() throws {
        #expect(
            ReportFixture.text(try ReportFixture.report(exampleLimit: 1)).split(separator: "\n")
                == """
                leak.pcap
                2026-11-21T00:00:00.010000Z to 00:00:42.050000Z (42.0 s)
                20 frames: 17 TCP, 3 skipped; 3 connections
                Skipped: 1 not IP, 2 ICMP.
                Captured between the hosts: neither answers within 0.4 ms.

                Findings: 2 notice
                SEVERITY KIND            CONNS SERVICES FAULT     WORST SERVICE
                notice   close-wait-leak     2        1 server    10.1.1.2:8080
                notice   refused             1        1 server    10.1.1.2:8080

                close-wait-leak at 10.1.1.2:8080
                  2 connections, first at 00:00:00 (42.0 s before the capture ends); client
                  FIN_WAIT2, server CLOSE_WAIT
                  notice. Fault: server (evidence: assumed). The server application never closes
                  its sockets (seen from the other side: fin-wait-2-held).
                  The client sent its FIN and the server's kernel acknowledged it. Since then
                  the server has sent nothing: its application has not called close(). The
                  server is in CLOSE_WAIT, the client in FIN_WAIT2. The capture ends too early
                  to be certain.
                    10.1.1.101:40000            00:00:00.045, frames 4, 5, tcp.stream eq 0
                    1 more (--all)
                  Rule out first: the application is still working on its answer: capture for
                  longer.
                  → on the server, `ss -tnp state close-wait '( sport = :8080 )'` names the
                    process
                  → look for a missing close() on an error path, an unread response body, or a
                    connection pool that does not test its connections; no sysctl ends
                    CLOSE_WAIT
                  Wireshark: tcp.stream eq 0 (1 of 2 connections)

                refused at 10.1.1.2:8080
                  1 connection since 00:00:00 (42.0 s before the capture ends); client CLOSE,
                  server CLOSE
                  notice. Fault: server (evidence: inferred). Some connections are refused while
                  others succeed.
                  A SYN is answered with RST, while 2 other connections to the same port
                  succeeded. One of several backends behind the address has no listener, or the
                  service was down for a while.
                    10.1.1.101:40000            00:00:00.020, frames 1, 2, tcp.stream eq 0
                  → list the backends behind 10.1.1.2: `ipvsadm -Ln`, `kubectl get endpoints`,
                    or the load balancer's status; one of them refuses
                  → on each backend, `ss -lntp '( sport = :8080 )'` shows whether it listens
                  Wireshark: tcp.stream eq 0

                States at the end of the capture
                  clients                   servers                   both ends
                  FIN_WAIT2        2        CLOSE_WAIT       2        FIN_WAIT2        2
                  CLOSE            1        CLOSE            1        CLOSE_WAIT       2
                                                                      CLOSE            2

                How connections ended
                  refused                    1
                  half-closed                2
                """.split(separator: "\n"))
    }

    @Test func `Every connection is shown when all are kept`() throws {
        let text = ReportFixture.text(try ReportFixture.report(exampleLimit: nil), showsAll: true)
        #expect(text.contains("10.1.1.101:40000"))
        #expect(text.contains("10.1.1.101:40001"))
        #expect(!text.contains("--all"))
    }

    @Test func `The local side is marked and counted`() throws {
        let text = ReportFixture.text(try ReportFixture.report(local: [Address(ipv4: 0x0a01_0102)]))
        #expect(text.contains("10.1.1.101:40000 → >10.1.1.2:8080"))
        #expect(text.contains("local              remote"))
    }

    @Test func `With files that overlap the filter goes by addresses`() throws {
        let text = ReportFixture.text(try ReportFixture.report(files: ["a.pcap", "b.pcap"]))
        #expect(text.contains("frames 1:4, 1:5"))
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
        var summary = RunSummary(local: [near])
        summary.add(try #require(talk.record), at: talk.now)
        for files in [1, 2] {
            for spelling in StateSpelling.allCases {
                var input = InputSummary()
                input.connections = 1
                input.files = Array(
                    repeating: String(repeating: "long/", count: 30), count: files)
                let report = Report(input: input, summary: summary, spelling: spelling)
                let lines = ReportFixture.text(report, showsAll: true).split(separator: "\n")
                #expect(lines.filter { $0.count > 80 } == [])
            }
        }
    }

    @Test func `A file's name does not reach the terminal's controls`() throws {
        let text = ReportFixture.text(try ReportFixture.report(files: ["evil\u{1b}[2J\n.pcap"]))
        #expect(!text.contains("\u{1b}"))
        #expect(text.hasPrefix("evil\\x1b[2J\\x0a.pcap\n"))
    }

    @Test func `Losses of the capture are said`() {
        var input = InputSummary()
        input.connections = 1
        input.evicted = 9
        input.skipped = 11
        var quality = CaptureQuality()
        quality.framesRead = 693
        quality.lostPackets = 7
        let text = ReportFixture.text(
            Report(input: input, summary: RunSummary(), quality: quality))
        #expect(text.contains("Packets lost by the capture: 7 of 700 packets (1.0%)"))
        #expect(text.contains("The connection table was full: 9 connections removed"))
        #expect(text.contains("11 frames did not match the filter"))
    }

    @Test func `No connections give no tables`() {
        let text = ReportFixture.text(Report(input: InputSummary(), summary: RunSummary()))
        #expect(text.hasSuffix("\nNo TCP connections.\n"))
    }
}

struct JSONReportTests {
    @Test func `The lines are those of the text`() throws {
        var sink = TextSink()
        var format = JSONReport()
        format.write(try ReportFixture.report(), to: &sink)
        let lines = sink.text.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(
            lines[0].hasPrefix(
                #"{"capture":{"files":["leak.pcap"],"frames":20,"tcp":17,"#
                    + #""set_aside":{"not_ip":1,"icmp":2},"#))
        #expect(lines[1].hasPrefix(#"{"state_counts":{"ts":"#))
        #expect(
            lines[1].hasSuffix(
                #""states":{"FIN_WAIT2":2,"CLOSE_WAIT":2,"CLOSE":2},"#
                    + #""client_states":{"FIN_WAIT2":2,"CLOSE":1},"#
                    + #""server_states":{"CLOSE_WAIT":2,"CLOSE":1},"#
                    + #""local_states":null,"remote_states":null}}"#))
        #expect(
            lines[2].hasPrefix(
                #"{"finding":{"diagnosis":"close-wait-leak","also":"fin-wait-2-held","#
                    + #""severity":"notice","fault":"server","endpoint":"server","#))
        #expect(lines[4].contains(#""refused":1,"#))
        #expect(lines[4].contains(#""half_closed":2,"#))
    }
}
