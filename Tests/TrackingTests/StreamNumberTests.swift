import TCPState
import TestKit
import Testing
import Wire

/// Stream numbers as Wireshark counts them: the expected ones are tshark's `tcp.stream` for these frames.
@Suite struct StreamNumberTests {
    func numbers(_ frames: [(bytes: [UInt8], time: Timestamp)]) -> [UInt32] {
        Observed(frames).connections.map(\.stream)
    }

    @Test func `connections count from 0 in the order of their first segments`() {
        let first = Conversation(clientPort: 1000)
        let second = Conversation(clientPort: 1001)
        first.client.syn()
        second.client.syn(after: .microseconds(1500))
        first.server.synAck()
        second.server.synAck()
        let frames = (first.frames + second.frames).sorted { $0.time < $1.time }
        #expect(numbers(frames) == [0, 1])
    }

    @Test func `a SYN with another number begins a new stream, after FINs as in the middle`() {
        let talk = Conversation()
        talk.open()
        talk.client.fin()
        talk.server.fin()
        talk.client.ack()
        talk.restart(clientISS: 500_000, serverISS: 900_000)
        talk.open()
        talk.restart(clientISS: 800_000, serverISS: 1_900_000)
        talk.open()
        #expect(numbers(talk.frames) == [0, 1, 2])
    }

    @Test func `a repeated SYN begins none`() {
        let talk = Conversation()
        talk.client.syn()
        talk.client.retransmit(after: .seconds(1))
        talk.client.retransmit(after: .seconds(2))
        talk.server.synAck()
        talk.client.ack()
        #expect(numbers(talk.frames) == [0])
    }

    @Test func `a SYN after a capture's late beginning begins a new stream`() {
        let talk = Conversation()
        talk.client.send(100)
        talk.server.ack()
        talk.restart(clientISS: 500_000, serverISS: 900_000)
        talk.open()
        #expect(numbers(talk.frames) == [0, 1])
    }

    @Test func `a connection on two VLANs is one stream`() {
        let talk = Conversation()
        talk.open()
        let frames = talk.segments.flatMap { segment, time in
            [UInt16(10), 20].map {
                (bytes: PacketBuilder(segment).ethernet(vlans: [$0]), time: time)
            }
        }
        #expect(Set(numbers(frames)) == [0])
    }
}
