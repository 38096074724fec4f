internal import Wire

/// Finds the offset and the drift of two taps' clocks from segments that both saw.
///
/// Time is cut into windows of which each keeps the least difference outward and the largest one inward: what was delayed
/// least. A piece grows as long as a straight line fits between both; where none does, the clock was set. Time: linear in
/// segments; memory: the windows.
struct ClockEstimator {
    private let start: Timestamp
    private let width: Int64
    /// The difference that all others are counted from.
    private var base: TimeSpan?
    private var windows: [Window]
    /// What time stamps may be wrong by.
    private let slack: Double

    private static let windowCount = 4096
    private static let pieceLimit = 64

    private struct Window {
        var above: OffsetBounds.Point?
        var below: OffsetBounds.Point?
        var isEmpty: Bool { above == nil && below == nil }
    }

    /// - Parameters:
    ///   - first: the first tap's first time.
    ///   - last: its last.
    ///   - resolution: the least difference of two time stamps.
    init(first: Timestamp, last: Timestamp, resolution: TimeSpan) {
        start = first
        let span = max(1, (last - first).nanoseconds)
        width = max(1, span / Int64(ClockEstimator.windowCount - 1))
        windows = [Window](repeating: Window(), count: ClockEstimator.windowCount)
        slack = Double(resolution.nanoseconds)
    }

    /// Takes a segment that both taps saw.
    ///
    /// - Parameter isOutward: whether it went from the first tap to the second.
    mutating func add(near: Timestamp, far: Timestamp, isOutward: Bool) {
        let difference = far - near
        let base = self.base ?? difference
        self.base = base
        let x = (near - start).nanoseconds
        let index = Int(min(max(0, x / width), Int64(windows.count - 1)))
        let point = OffsetBounds.Point(
            x: Double(x), y: Double((difference - base).nanoseconds))
        if isOutward {
            if point.y < windows[index].above?.y ?? .infinity { windows[index].above = point }
        } else {
            if point.y > windows[index].below?.y ?? -.infinity { windows[index].below = point }
        }
    }

    /// The model of both clocks.
    func model() -> ClockModel {
        var model = ClockModel()
        guard base != nil else { return model }
        let used = windows.filter { !$0.isEmpty }
        var rest = used[...]
        while !rest.isEmpty, model.pieces.count < ClockEstimator.pieceLimit {
            let length = longestFit(rest)
            // A window in which the clock was set fits no line.
            if length > 0 { model.pieces.append(piece(rest.prefix(length))) }
            rest = rest.dropFirst(max(1, length))
        }
        return model
    }

    private func bounds(_ windows: ArraySlice<Window>) -> OffsetBounds {
        OffsetBounds(
            above: windows.compactMap(\.above).sorted { $0.x < $1.x },
            below: windows.compactMap(\.below).sorted { $0.x < $1.x })
    }

    private static let allSlopes = -ClockModel.largestDrift...ClockModel.largestDrift

    private func fits(_ windows: ArraySlice<Window>) -> Bool {
        bounds(windows).slopes(within: ClockEstimator.allSlopes, slack: slack) != nil
    }

    /// The longest run of windows from the first on between whose points a line fits.
    private func longestFit(_ windows: ArraySlice<Window>) -> Int {
        if fits(windows) { return windows.count }
        var (fitting, failing) = (0, windows.count)
        while failing - fitting > 1 {
            let middle = (fitting + failing) / 2
            if fits(windows.prefix(middle)) { fitting = middle } else { failing = middle }
        }
        return fitting
    }

    // MARK: A piece

    private func piece(_ windows: ArraySlice<Window>) -> ClockModel.Piece {
        let bounds = bounds(windows)
        let xs = windows.flatMap { [$0.above?.x, $0.below?.x].compactMap(\.self) }
        let (first, last) = (xs.min() ?? 0, xs.max() ?? 0)
        let possible =
            bounds.slopes(within: ClockEstimator.allSlopes, slack: slack)
            ?? ClockEstimator.allSlopes
        let isLong = last - first >= Double(ClockModel.shortestForDrift.nanoseconds)
        let drift = DriftEstimator(
            above: windows.compactMap(\.above), below: windows.compactMap(\.below),
            possible: possible, slack: slack
        ).bounds
        let slopes = drift ?? possible
        let slope = bounds.isTwoSided ? (slopes.lowerBound + slopes.upperBound) / 2 : 0
        // The moment at which the bounds are closest.
        let candidates = (0...64).map { first + (last - first) * Double($0) / 64 } + xs
        let samples = candidates.count > 512 ? Array(candidates.prefix(512)) : candidates
        var best = (x: (first + last) / 2, low: -Double.infinity, high: Double.infinity)
        for x in samples {
            let (low, high) = bounds.values(at: x, slopes: slopes)
            if high - low < best.high - best.low { best = (x, low, high) }
        }
        let time = { (x: Double) in start + TimeSpan(nanoseconds: Int64(clamping: x)) }
        guard bounds.isTwoSided else {
            // One direction bounds the offset from one side: the bound itself is the best guess.
            let middle = bounds.values(at: best.x, slopes: 0...0)
            let known = bounds.hasAbove ? middle.high : middle.low
            return ClockModel.Piece(
                start: time(first), end: time(last), reference: time(best.x),
                offset: span(known), margin: nil, drift: 0, driftBounds: nil,
                edgeMargins: (.seconds(1), .seconds(1)))
        }
        let middle = (best.low + best.high) / 2
        func margin(at x: Double) -> TimeSpan {
            let (low, high) = bounds.values(at: x, slopes: slopes)
            let expected = middle + slope * (x - best.x)
            return TimeSpan(
                nanoseconds: Int64(clamping: max(high - expected, expected - low, 0) + slack))
        }
        return ClockModel.Piece(
            start: time(first), end: time(last), reference: time(best.x), offset: span(middle),
            margin: margin(at: best.x), drift: slope, driftBounds: isLong ? drift : nil,
            edgeMargins: (margin(at: first), margin(at: last)))
    }

    private func span(_ y: Double) -> TimeSpan {
        (base ?? 0) + TimeSpan(nanoseconds: Int64(clamping: y))
    }
}
