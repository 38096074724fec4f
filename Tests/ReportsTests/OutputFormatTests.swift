import Reports
import Testing

struct OutputFormatTests {
    @Test func `a flag is short for its format`() {
        let flags: [ReportFormat.Flag] = [("json", false, .json), ("markdown", true, .markdown)]
        #expect(ReportFormat.chosen(nil, flags) == .markdown)
        #expect(ReportFormat.chosen(.json, flags) == .json)
        #expect(ReportFormat.chosen(nil, []) == .text)
    }

    @Test func `flags that contradict each other are named`() {
        let both: [SocketFormat.Flag] = [("json", true, .json), ("ss", true, .ss)]
        #expect(SocketFormat.conflict(nil, both) == "--json and --ss: give one of them.")
        let one: [SocketFormat.Flag] = [("json", true, .json)]
        #expect(
            SocketFormat.conflict(.text, one) == "--json is --format json: give one of them.")
        #expect(SocketFormat.conflict(.json, one) == nil)
        #expect(SocketFormat.conflict(.ss, []) == nil)
    }

    @Test func `help lists the names of all formats`() {
        #expect(SocketFormat.names == "netstat, ss, json")
        #expect(TransitionsFormat(rawValue: "zeek-json") == .zeekJSON)
        #expect(ConnectionsFormat.allCases.filter(\.isWrittenAtTheEnd) == [.text, .json, .csv])
    }
}
