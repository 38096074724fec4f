import TCPState
import TestKit
import Testing
import Wire

@testable import Tracking

/// Histories that leave with their connections.
@Suite struct OpenHistoriesTests {
    /// One connection after the other on the same addresses, a minute apart, each closed by both ends.
    private func talks(_ count: Int) -> [(bytes: [UInt8], time: Timestamp)] {
        (0..<count).flatMap { number in
            let talk = Conversation(
                clientPort: UInt16(10_000 + number % 3),
                start: Timestamp(
                    nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 60_000_000_000))
            talk.restart(clientISS: UInt32(number) << 16, serverISS: UInt32(number) << 17)
            talk.open()
            talk.client.fin()
            talk.server.fin()
            talk.client.ack()
            return talk.frames
        }
    }

    private func run(
        _ frames: [(bytes: [UInt8], time: Timestamp)],
        _ body: (inout Tracker<OpenHistories>, Int) -> Void
    ) -> Tracker<OpenHistories> {
        var tracker = Tracker(
            observer: OpenHistories(), profile: .linux, maximumConnections: 1000)
        for (index, (bytes, time)) in frames.enumerated() {
            tracker.receive(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time, interface: 0,
                frame: UInt64(index + 1))
            body(&tracker, index)
        }
        return tracker
    }

    @Test func `memory goes by the connections that are open at once`() {
        var histories: [ConnectionHistory] = []
        var (most, open) = (0, 0)
        var tracker = run(talks(200)) { tracker, _ in
            histories += tracker.observer.takeClosed()
            most = max(most, tracker.observer.capacity)
            var kept = 0
            tracker.look { _ in kept += 1 }
            open = max(open, kept)
        }
        // TIME-WAIT lasts 60 s on Linux, and late copies are waited for as long as that.
        #expect(open <= 3)
        #expect(most <= 3 * 12)
        #expect(histories.count >= 197)
        tracker.finish()
        histories += tracker.observer.takeClosed()
        #expect(histories.map(\.record.connection.serial).sorted() == Array(0..<200))
    }

    /// RFC 9293, figure 5: the path of each end, whatever has left before.
    @Test func `a history is whole`() {
        var histories: [ConnectionHistory] = []
        var tracker = run(talks(9)) { tracker, _ in histories += tracker.observer.takeClosed() }
        tracker.finish()
        histories += tracker.observer.takeClosed()
        // The end of TIME-WAIT is seen for all but the last two.
        for history in histories where history.record.connection.serial < 7 {
            let entries = history.entries { _, _ in false }
            #expect(entries.map(\.time) == entries.map(\.time).sorted())
            let opener = history.record.connection.opener
            let client = entries.filter { $0.transition.side == opener }.map(\.transition.to)
            #expect(
                client == [
                    .synSent, .established, .finWait1, .finWait2, .timeWait, .closed,
                ] || client == [.synSent, .established, .finWait1, .timeWait, .closed]
                    || client == [.synSent, .established, .finWait1, .closing, .timeWait, .closed])
            #expect(entries.first?.transition.from == .closed)
        }
        #expect(histories.count == 9)
    }

    @Test func `what may still be withdrawn is not given away`() {
        // The client's FIN may be lost beyond the tap: nothing of this connection is over.
        let talk = Conversation(
            clientPort: 9, start: Timestamp(nanoseconds: 1_700_000_000_000_000_000))
        talk.open()
        talk.client.fin()
        var closed = 0
        let later = Conversation(
            clientPort: 10, start: Timestamp(nanoseconds: 1_700_000_045_000_000_000))
        later.open()
        _ = run(talk.frames + later.frames) { tracker, _ in
            closed += tracker.observer.takeClosed().count
        }
        #expect(closed == 0)
    }
}
