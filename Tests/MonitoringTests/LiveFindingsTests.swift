import Diagnosis
import Monitoring
import Reports
import TCPState
import TestKit
import Testing
import Wire

/// The server's program does not close: its end is in CLOSE-WAIT, the client's in FIN-WAIT-2.
private func leak(_ port: UInt16) -> ConnectionRecord {
    let talk = Conversation(incident: (), client: (Address(ipv4: 0x0a01_0165), port))
    talk.open()
    talk.client.fin()
    talk.server.ack()
    return talk.record!
}

@Suite struct LiveFindingsTests {
    @Test func `a finding is told of when it begins, has doubled, and is gone`() {
        var findings = LiveFindings(local: [], .standard)
        var time = Timestamp(nanoseconds: 1_795_219_200_000_000_000) + .seconds(600)
        var told: [String] = []
        for count in [0, 1, 2, 3, 3, 4, 7, 20, 5, 0, 0] {
            time = time + .seconds(2)
            findings.beginRound(time)
            for port in 0..<count { findings.add(leak(UInt16(40_000 + port)), at: time) }
            let changes = findings.endRound(at: time).filter {
                $0.group.key.diagnosis == .closeWaitLeak
            }
            told.append(
                changes.map { "\($0.kind.rawValue) \($0.group.count)" }.joined(separator: ", "))
        }
        #expect(
            told == [
                "", "opened 1", "grew 2", "", "", "grew 4", "", "grew 20", "", "closed 5", "",
            ])
    }

    @Test func `rounds come once a second at most`() {
        var findings = LiveFindings(local: [], .standard)
        let time = Timestamp(nanoseconds: 1_795_219_200_000_000_000) + .seconds(600)
        findings.beginRound(time)
        findings.add(leak(40_000), at: time)
        #expect(!findings.endRound(at: time).isEmpty)
        findings.beginRound(time + .milliseconds(900))
        #expect(findings.endRound(at: time + .milliseconds(900)).isEmpty)
        #expect(!findings.groups.isEmpty)
    }

    /// zabbix_sender(1): host, key, time stamp and value, each in quotes where it has spaces or quotes.
    @Test func `lines for zabbix_sender have what the template expects`() {
        var summary = RunSummary()
        let end = Timestamp(nanoseconds: 1_795_219_200_000_000_000) + .seconds(600)
        for port in 0..<30 { summary.add(leak(UInt16(40_000 + port)), at: end) }
        var input = InputSummary()
        input.last = end
        input.connections = 30
        var format = ZabbixLines(host: "web \"1\"")
        var sink = TextSink()
        format.write(Report(input: input, summary: summary), to: &sink)
        let lines = sink.text.split(separator: "\n").map(String.init)
        let head = #""web \"1\"" "wirestate"#
        #expect(
            lines.first
                == head + #".discovery" 1795219800 "[{\"{#SERVICE}\":\"10.1.1.2:8080\"}]""#)
        #expect(lines.contains(head + #".stuck" 1795219800 "30""#))
        #expect(lines.contains(head + #".stuck[10.1.1.2:8080]" 1795219800 "30""#))
        #expect(lines.count { $0.contains(".oldest[10.1.1.2:8080]") } == 1)
    }
}
