import Foundation
import Reports
import Testing

/// Lines of a live run, read back.
@Suite struct EventSummaryTests {
    private func text(_ lines: [String]) -> String {
        var summary = EventSummary()
        for line in lines { summary.read(line) }
        var sink = TextSink()
        var format = TextEventSummary()
        format.write(summary, to: &sink)
        return sink.text
    }

    private func finding(_ change: String, _ count: Int, at second: Int) -> String {
        """
        {"event":"finding","change":"\(change)","ts":\(second)000000000,"diagnosis":"close-wait-leak",\
        "severity":"critical","fault":"server","service":"10.1.1.2:8080","count":\(count),\
        "oldest":\(second - 60)000000000,"title":"a \\"title\\" \\u00e4 \\ud83d\\ude00","remedy":["x"]}
        """
    }

    @Test
    func `a finding is there from its first connection to its end, with its most connections`() {
        let report = text([
            "<2>" + finding("opened", 1, at: 3600), finding("grew", 64, at: 3700),
            finding("closed", 3, at: 4000),
        ])
        #expect(report.contains("critical close-wait-leak at 10.1.1.2:8080. Fault: server"))
        #expect(report.contains("at most 64 connections at once, from 00:59:00, until 01:06:40\n"))
        #expect(report.contains("a \"title\" ä 😀"))
        #expect(text([finding("opened", 1, at: 3600)]).contains("still there when the log ends"))
    }

    @Test func `stuck connections, changes, notices and states are summed up`() {
        let report = text([
            #"{"event":"stuck","ts":5000000000,"diagnosis":"close-wait-leak","severity":"warning","server":"10.1.1.2:80","since":1000000000}"#,
            #"{"event":"stuck","ts":6000000000,"diagnosis":"close-wait-leak","severity":"warning","server":"10.1.1.2:80","since":2000000000}"#,
            #"{"event":"cleared","ts":7000000000,"diagnosis":"close-wait-leak","severity":"warning","server":"10.1.1.2:80","since":2000000000}"#,
            #"{"event":"found","ts":7000000000,"from":"ESTABLISHED","to":"CLOSE_WAIT"}"#,
            #"{"event":"notice","ts":8000000000,"text":"packets lost: 7\u001b[31m"}"#,
            #"{"event":"states","ts":9000000000,"states":{"ESTABLISHED":12,"CLOSE_WAIT":3}}"#,
        ])
        #expect(report.contains("Stuck connections: 2\n"))
        #expect(
            report.contains(
                "2 close-wait-leak at 10.1.1.2:80, the oldest since 00:00:01; 1 ended"))
        #expect(report.contains("1 found"))
        // A terminal must not obey it.
        #expect(report.contains("packets lost: 7\\x1b[31m"))
        #expect(report.contains("00:00:09.000    12     3\n"))
        let local = text([
            #"{"event":"states","ts":9000000000,"states":{"ESTABLISHED":12},"local_states":{"ESTABLISHED":7}}"#
        ])
        #expect(local.contains("00:00:09.000     7\n"))
    }

    @Test(arguments: [
        "", "x", "{", "{}x", "[1]", #"{"event"}"#, #"{"a":"\u12"}"#,
        #"{"a":"\ud800"}"#, "{\"a\":\"\u{1}\"}", #"{"a":tru}"#,
        String(repeating: "[", count: 100_000),
        String(repeating: #"{"a":"#, count: 100_000),
    ])
    func `what is no JSON object is counted`(line: String) {
        var summary = EventSummary()
        summary.read(line)
        #expect(summary.damaged == 1)
        // A second parser agrees.
        let value = try? JSONSerialization.jsonObject(with: Data(line.utf8))
        #expect(!(value is [String: Any]))
    }

    @Test func `memory is bounded, whatever is in the lines`() {
        var summary = EventSummary()
        for number in 0..<20_000 {
            summary.read(
                #"{"event":"finding","ts":1,"diagnosis":"syn-flood","severity":"notice","service":"\#(number)","count":1}"#
            )
            summary.read(#"{"event":"states","ts":\#(number),"states":{"ESTABLISHED":1}}"#)
            summary.read(#"{"event":"\#(number)","ts":1}"#)
        }
        var sink = TextSink()
        var format = TextEventSummary()
        format.write(summary, to: &sink)
        #expect(summary.lines == 60_000)
        #expect(sink.text.contains("Findings: 10,000\n"))
        #expect(sink.text.split(separator: "\n").count < 2_200)
    }
}
