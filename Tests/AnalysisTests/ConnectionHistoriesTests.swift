import Analysis
import Reports
import Synchronization
import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// Histories that are passed on as connections end.
@Suite struct ConnectionHistoriesTests {
    /// Connections over five minutes, most of which are over before the last one begins.
    private func capture() throws -> Capture {
        let late = (0..<900).map { number in
            let talk = Conversation.numbered(2_000 + number)
            talk.wait(.milliseconds(400 * number))
            talk.open()
            talk.client.rst()
            return talk
        }
        return try Capture(mixture(300) + late)
    }

    @Sendable
    private func line(_ row: TransitionRow) -> String {
        let transition = row.transition
        return "\(row.record.connection.serial) \(row.time.nanoseconds) \(transition.side) "
            + "\(transition.from) \(transition.to) \(transition.grade) \(transition.frame)"
    }

    private func pieces(_ analysis: CaptureAnalysis) throws -> [[String]] {
        var pieces: [[String]] = []
        let isNear = analysis.options.isNear
        _ = try analysis.histories { histories, frames in
            histories.flatMap { $0.rows(isNear: isNear).map(line) }
        } _: {
            pieces.append($0)
        }
        return pieces
    }

    @Test func `the rows are those of the history in order of time`() throws {
        let capture = try capture()
        let analysis = capture.analysis { $0.threads = 1 }
        let byTime = try analysis.history().history.rows { _, _ in false }.map(line)
        let byConnection = try pieces(analysis).flatMap(\.self)
        #expect(byTime.count > 3_000)
        #expect(byConnection != byTime)
        #expect(byConnection.sorted() == byTime.sorted())
    }

    @Test(arguments: [2, 5])
    func `the order is the same for any number of threads`(_ threads: Int) throws {
        let capture = try capture()
        let one = try pieces(capture.analysis { $0.threads = 1 })
        let several = try pieces(capture.analysis { $0.threads = threads })
        #expect(one.count > 10)
        #expect(one == several)
    }

    @Test func `most are passed on before all is read`() throws {
        let capture = try capture()
        let isComplete = Mutex(false)
        var early = 0
        let analysis = capture.analysis { options in
            options.threads = 1
            options.onProgress = { progress in
                isComplete.withLock { $0 = progress.isComplete }
            }
        }
        _ = try analysis.histories { histories, _ in
            histories.count
        } _: { count in
            if !isComplete.withLock({ $0 }) { early += count }
        }
        #expect(early > 100)
    }

    @Test func `every connection is passed on once, under its number in the run`() throws {
        let capture = try capture()
        let analysis = capture.analysis { $0.threads = 3 }
        let serials = Mutex<[UInt32]>([])
        _ = try analysis.histories { histories, _ in
            serials.withLock { $0 += histories.map(\.record.connection.serial) }
        } _: {
        }
        #expect(serials.withLock { $0.sorted() } == Array(0..<1_200))
    }
}
