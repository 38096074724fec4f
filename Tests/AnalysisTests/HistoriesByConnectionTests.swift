import Analysis
import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// The histories of a run, connection by connection.
@Suite struct HistoriesByConnectionTests {
    /// Connections of which every second one is on the addresses and ports of an earlier one.
    private func capture() throws -> Capture {
        let talks = (0..<400).map { number in
            let talk = Conversation(
                clientAddress: Address(ipv4: 0x0a02_0000 + UInt32(number / 200)),
                clientPort: UInt16(20_000 + number / 2 % 100),
                clientISS: 1_000 + UInt32(number % 2) * 500_000,
                start: Timestamp(nanoseconds: 1_795_219_200_000_000_000))
            talk.wait(.milliseconds(100 * number + 90_000 * (number % 2)))
            talk.open()
            talk.client.rst()
            return talk
        }
        return try Capture(mixture(200) + talks)
    }

    private func line(_ entry: TransitionHistory.Entry) -> String {
        let transition = entry.transition
        return "\(entry.time.nanoseconds) \(entry.timeInState?.nanoseconds ?? -1) \(transition)"
    }

    @Test(arguments: [1, 2, 5])
    func `they hold what is found in order of time`(_ threads: Int) throws {
        let capture = try self.capture()
        let history = try capture.analysis { $0.threads = threads }.history().history
        let byTime = Dictionary(grouping: history.timeline()) { $0.transition.connection }
        let histories = HistoriesByConnection(history)
        #expect(histories.count > 500)
        var before = 0
        var serials: [UInt32] = []
        histories[0..<histories.count].forEach { record, entries, transitionsBefore in
            serials.append(record.connection.serial)
            #expect(transitionsBefore == before)
            before += entries.count
            let expected = byTime[record.connection.serial] ?? []
            #expect(entries.map(line) == expected.map(line))
        }
        #expect(before == byTime.values.map(\.count).reduce(0, +))
        #expect(serials == serials.sorted())
    }

    @Test(arguments: [1, 2, 5])
    func `pieces come in order`(_ threads: Int) throws {
        let capture = try self.capture()
        let history = try capture.analysis { $0.threads = 1 }.history().history
        var serials: [UInt32] = []
        HistoriesByConnection(history).pieces(threads: threads) { histories in
            var serials: [UInt32] = []
            histories.forEach { record, _, _ in serials.append(record.connection.serial) }
            return serials
        } _: {
            serials += $0
        }
        #expect(serials.count > 500)
        #expect(serials == serials.sorted())
    }
}
