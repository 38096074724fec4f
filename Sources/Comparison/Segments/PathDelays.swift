internal import TCPState
internal import Wire

/// How long segments usually take from tap to tap, by direction, and how far both can be trusted.
struct PathDelays {
    private let clock: ClockModel
    /// The middle delay of each direction of all connections; nil where none was measured.
    let middles: [TimeSpan?]

    /// Segments by which a usual delay is found.
    private static let sampleLimit = 4096

    init(_ pair: PairComparison) {
        clock = pair.clock
        var delays: [[Int64]] = [[], []]
        let step = max(1, pair.near.segments.count / PathDelays.sampleLimit)
        for index in stride(from: 0, to: pair.near.segments.count, by: step) {
            guard let other = pair.counterpart(of: index, at: .near),
                let match = pair.match(of: Int(pair.near.segments[index].connection), at: .near)
            else { continue }
            let (a, b) = (pair.near.segments[index], pair.far.segments[other])
            let isOutward = pair.isOutward(a.side, of: match)
            let difference = b.time - clock.far(a.time)
            delays[isOutward ? 0 : 1].append(
                (isOutward ? difference : -difference).nanoseconds)
        }
        middles = delays.map { PathDelays.middle($0).map { TimeSpan(nanoseconds: $0) } }
    }

    /// Whether a segment was seen at both taps, by which the clocks can be compared.
    var haveCommonTime: Bool { !clock.pieces.isEmpty }

    private static func middle(_ values: [Int64]) -> Int64? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }

    /// How long a segment took; below zero by no more than the clocks' margin if it was the same segment.
    func delay(_ near: Timestamp, _ far: Timestamp, isOutward: Bool) -> TimeSpan {
        let difference = far - clock.far(near)
        return isOutward ? difference : -difference
    }

    /// The usual delay of a direction.
    func usual(isOutward: Bool) -> TimeSpan { middles[isOutward ? 0 : 1] ?? 0 }

    /// The usual delay of a stream, from what is linked of it.
    func usual(of stream: Stream, _ pair: PairComparison) -> TimeSpan {
        var delays: [Int64] = []
        let step = max(1, stream.near.count / 64)
        for index in stride(from: stream.near.lowerBound, to: stream.near.upperBound, by: step) {
            guard let other = pair.counterpart(of: index, at: .near) else { continue }
            delays.append(
                delay(
                    pair.near.segments[index].time, pair.far.segments[other].time,
                    isOutward: stream.isOutward
                ).nanoseconds)
        }
        return PathDelays.middle(delays).map { TimeSpan(nanoseconds: $0) }
            ?? usual(isOutward: stream.isOutward)
    }

    /// When a segment of a tap should pass the other one, by the other one's clock.
    ///
    /// - Parameter usual: the usual delay.
    func expected(
        _ time: Timestamp, at tapSide: PairComparison.TapSide, isSender: Bool, usual: TimeSpan
    ) -> Timestamp {
        let other = tapSide == .near ? clock.far(time) : clock.near(time)
        return isSender ? other + usual : other - usual
    }

    /// How uncertain that is, the clocks' margin and a change of the delay included.
    func slack(_ time: Timestamp, at tapSide: PairComparison.TapSide, usual: TimeSpan) -> TimeSpan {
        let near = tapSide == .near ? time : clock.near(time)
        return clock.margin(at: near) + usual.magnitude / 2 + .milliseconds(1)
    }

    /// By how much a delay may come out below zero.
    func margin(_ near: Timestamp) -> TimeSpan { clock.margin(at: near) + .milliseconds(1) / 100 }
}
