import Reports
import TCPState
import TestKit
import Testing

struct CSVConnectionsTests {
    @Test func `each line has a value for each column`() throws {
        let talk = Conversation(incident: ())
        talk.open()
        talk.client.fin()
        talk.server.ack()
        let record = try #require(talk.record)
        var format = CSVConnections()
        var sink = TextSink()
        format.begin(&sink)
        format.write(record, to: &sink)
        let lines = sink.text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(lines.count == 2)
        let values = Dictionary(uniqueKeysWithValues: zip(lines[0], lines[1]))
        #expect(lines[0].count == lines[1].count)
        #expect(values["src"] == "10.1.1.101")
        #expect(values["dport"] == "8080")
        #expect(values["packets"] == "5")
        // RFC 9293, figure 12: the FIN is acknowledged, and the other side has not closed.
        #expect(values["client_state"] == "FIN_WAIT2")
        #expect(values["server_state"] == "CLOSE_WAIT")
        #expect(values["closer"] == "")
    }
}
