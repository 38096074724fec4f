import TestKit
import Testing
import Wire

@testable import Comparison

/// Offsets and drifts of clocks, against clocks that the test itself made.
struct ClockTests {
    private static let start = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

    /// Segments both ways for a time, by clocks of a known difference.
    private func model(
        seconds: Int64, offset: Int64, drift: Double, seed: UInt64, step: Int64 = 0
    ) -> ClockModel {
        var random = SplitMix64(seed: seed)
        let end = Self.start + .seconds(seconds)
        var estimator = ClockEstimator(first: Self.start, last: end, resolution: 1)
        for index in 0..<(seconds * 40) {
            let passed = index * 25_000_000
            let near = Self.start + TimeSpan(nanoseconds: passed)
            let isStepped = passed > seconds * 500_000_000
            let difference =
                offset + Int64(Double(passed) * drift) + (isStepped ? step : 0)
            // 4 ms out, 2 ms back, and up to 3 ms of queues.
            let isOutward = index % 2 == 0
            let least: Int64 = isOutward ? 4_000_000 : 2_000_000
            let delay = least + Int64(random.next() % 3_000_000)
            let far = near + TimeSpan(nanoseconds: difference + (isOutward ? delay : -delay))
            estimator.add(near: near, far: far, isOutward: isOutward)
        }
        return estimator.model()
    }

    @Test(arguments: [-3_000_000_000, 0, 2_999_999_999], [-50e-6, 0, 20e-6])
    func `the true offset and drift lie within the bounds`(offset: Int64, drift: Double) throws {
        for seed in UInt64(1)...4 {
            let model = model(seconds: 70, offset: offset, drift: drift, seed: seed)
            let piece = try #require(model.pieces.first)
            #expect(model.pieces.count == 1)
            let passed = Double((piece.reference - Self.start).nanoseconds)
            let truth = TimeSpan(nanoseconds: offset + Int64(passed * drift))
            let margin = try #require(piece.margin)
            #expect((piece.offset - truth).magnitude <= margin)
            // Half the least round trip, and what the queues add to it.
            #expect(margin <= .milliseconds(4))
            let bounds = try #require(piece.driftBounds)
            #expect(bounds.contains(drift))
            #expect(bounds.upperBound - bounds.lowerBound <= 10e-6)
        }
    }

    @Test func `a clock that is set begins a new piece`() throws {
        let model = model(seconds: 20, offset: 0, drift: 0, seed: 1, step: 500_000_000)
        #expect(model.pieces.count == 2)
        let last = try #require(model.pieces.last)
        #expect((last.offset - .milliseconds(500)).magnitude <= .milliseconds(5))
        #expect(last.start > Self.start + .seconds(9))
    }

    @Test func `one direction bounds the offset from one side`() throws {
        var estimator = ClockEstimator(
            first: Self.start, last: Self.start + .seconds(1), resolution: 1)
        estimator.add(
            near: Self.start, far: Self.start + .milliseconds(7), isOutward: true)
        let piece = try #require(estimator.model().pieces.first)
        #expect(piece.margin == nil)
        #expect(piece.offset == .milliseconds(7))
    }

    @Test func `no segment leaves the clocks unknown`() {
        let estimator = ClockEstimator(first: Self.start, last: Self.start, resolution: 1)
        #expect(estimator.model().pieces.isEmpty)
    }
}
