import Reports
import TCPState
import TestKit
import Testing
import Wire

/// A ladder is the same each time it is written.
struct LadderOrderTests {
    @Test func `Transitions that no frame shows stand in the order of the history`() throws {
        let talk = Conversation()
        talk.open()
        let record = try #require(talk.record)
        let time = talk.now
        // All at one moment, each by a frame that the ladder does not have.
        let names: [State] = [
            .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
            .lastAck, .timeWait,
        ]
        let history = names.enumerated().map { index, state in
            TransitionRow(
                transition: Transition(
                    connection: 0, side: record.connection.opener, from: .unknown, to: state,
                    event: .presumed, grade: .assumed, timer: .none, moment: .atTap, seen: time,
                    notBefore: nil, notAfter: nil, frame: UInt64(1000 - index * 37)),
                time: time, timeInState: nil, record: record)
        }
        var sink = TextSink()
        var format = TextLadder()
        format.write(
            Ladder(record: record, rows: [], history: history, withdrawn: []), to: &sink)
        let lanes = sink.text.split(separator: "\n").filter { $0.contains("no frame") }
            .compactMap { $0.split(separator: " ").dropFirst(2).first.map(String.init) }
        #expect(lanes == names.map { $0.name(.netstat) })
    }
}
