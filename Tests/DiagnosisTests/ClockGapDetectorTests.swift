import Diagnosis
import TestKit
import Testing
import Wire

/// Files that follow one another: looked at one by one, they give what one look at all of them gives.
struct ClockGapDetectorTests {
    private struct Piece {
        var detector = ClockGapDetector()
        var last: Timestamp?

        mutating func inspect(_ time: Timestamp, file: UInt16) {
            if time >= detector.due { detector.inspect(time, after: last, file: file) }
            last = max(last ?? time, time)
        }
    }

    /// What a detector says, as text.
    private func facts(_ detector: ClockGapDetector) -> [String] {
        func text(_ gap: ClockGapDetector.Gap) -> String {
            "\(gap.start.nanoseconds) \(gap.end.nanoseconds) \(gap.isBetweenFiles)"
        }
        return ["\(detector.jumps)", detector.longest.map(text) ?? "-"]
            + detector.gapsBetweenFiles.map(text)
    }

    @Test(arguments: 0..<200) func `Pieces add up`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var whole = Piece()
        var joined = ClockGapDetector()
        var last: Timestamp?
        var time = Timestamp(nanoseconds: 1_700_000_000_300_000_000)
        for file in 0..<UInt16.random(in: 1...14, using: &random) {
            var piece = Piece()
            let first = time
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                whole.inspect(time, file: file)
                piece.inspect(time, file: file)
                let steps: [Int64] = [0, 1, 100, 400, 999, 1_000, 1_001, 5_000, 4_000_000]
                time = time + .milliseconds(steps.randomElement(using: &random) ?? 0)
            }
            if let last {
                joined.add(piece.detector, from: first, after: last)
            } else {
                joined = piece.detector
            }
            last = piece.last
        }
        #expect(facts(joined) == facts(whole.detector))
    }
}
