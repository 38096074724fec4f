import TCPState
import TestKit
import Testing
import Wire

struct ArchiveTests {
    private static let connection: Connection = {
        let time = Timestamp(nanoseconds: 5_000_000_000)
        var connection = Connection(
            existing: ExistingEnd(state: .finWait2, since: time, lastHeard: time),
            ExistingEnd(state: .closeWait, since: time, lastHeard: time), opener: .high, serial: 3,
            stream: 4, at: time)
        connection.firstCloser = .low
        return connection
    }()

    @Test func `A connection comes back as it was`() throws {
        let archive = ConnectionArchive(Self.connection)
        let again = try #require(archive.connection(serial: 9, stream: 8))
        #expect(again[.low].state == .finWait2)
        #expect(again[.high].state == .closeWait)
        #expect(again.opener == .high)
        #expect(again.firstCloser == .low)
        #expect(again.firstSeen == Self.connection.firstSeen)
        #expect(again[.high].since == Self.connection[.high].since)
        #expect(again.serial == 9)
        #expect(ConnectionArchive(again).numbers == archive.numbers)
    }

    @Test func `Numbers that no connection has are refused`() {
        let numbers = ConnectionArchive(Self.connection).numbers
        for count in numbers.indices {
            let cut = ConnectionArchive(numbers: Array(numbers[..<count]))
            #expect(cut.connection(serial: 0, stream: 0) == nil)
        }
        let long = ConnectionArchive(numbers: numbers + [0])
        #expect(long.connection(serial: 0, stream: 0) == nil)
        // No state has this number.
        for (index, number) in numbers.enumerated() where number == Int64(State.closeWait.rawValue)
        {
            var wrong = numbers
            wrong[index] = 77
            let archive = ConnectionArchive(numbers: wrong)
            guard let connection = archive.connection(serial: 0, stream: 0) else {
                continue
            }
            #expect(connection[.low].state == .finWait2 && connection[.high].state == .closeWait)
        }
    }
}
