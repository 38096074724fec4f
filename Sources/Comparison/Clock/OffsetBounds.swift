/// All straight lines below some points and above others: what the offset of two clocks can be.
///
/// A segment that goes from the first tap to the second takes no negative time: the second clock less the first one is at
/// most the difference of its two time stamps. One that comes back bounds it from below. The lines between both sets are
/// bounded by the convex hulls that face each other: Paxson, "On Calibrating Measurements of Packet Transit Times" (1998);
/// Zhang, Liu and Xia, "Clock Synchronization Algorithms for Network Measurements" (2002).
struct OffsetBounds {
    /// A difference of time stamps at a moment, both in nanoseconds.
    struct Point {
        let x: Double
        let y: Double
    }

    /// The lower hull of the upper bounds, and the upper hull of the lower ones.
    private let above: [Point]
    private let below: [Point]

    /// - Parameters:
    ///   - above: upper bounds in order of time.
    ///   - below: lower bounds in order of time.
    init(above: [Point], below: [Point]) {
        self.above = OffsetBounds.lowerHull(above)
        self.below = OffsetBounds.lowerHull(below.map { Point(x: $0.x, y: -$0.y) })
            .map { Point(x: $0.x, y: -$0.y) }
    }

    /// Whether both directions have points.
    var isTwoSided: Bool { !above.isEmpty && !below.isEmpty }
    var hasAbove: Bool { !above.isEmpty }

    /// The monotone chain of Andrew (1979).
    private static func lowerHull(_ points: [Point]) -> [Point] {
        var hull: [Point] = []
        for point in points {
            while hull.count >= 2 {
                let (a, b) = (hull[hull.count - 2], hull[hull.count - 1])
                let crossProduct = (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x)
                if crossProduct > 0 { break }
                hull.removeLast()
            }
            hull.append(point)
        }
        return hull
    }

    /// How far apart the two sets are for lines of a slope; negative where no such line is between them.
    func room(_ slope: Double) -> Double {
        highest(at: 0, slope) - lowest(at: 0, slope)
    }

    /// The highest line of a slope, at a moment.
    private func highest(at x: Double, _ slope: Double) -> Double {
        above.reduce(.infinity) { min($0, $1.y + slope * (x - $1.x)) }
    }

    private func lowest(at x: Double, _ slope: Double) -> Double {
        below.reduce(-.infinity) { max($0, $1.y + slope * (x - $1.x)) }
    }

    /// The slopes of all lines between both sets, within a range; nil where there is none.
    ///
    /// - Parameter slack: by how much points may be wrong: the resolution of time stamps.
    func slopes(within range: ClosedRange<Double>, slack: Double) -> ClosedRange<Double>? {
        guard isTwoSided else { return range }
        // The room is concave in the slope.
        let best = maximum(of: room, in: range)
        guard room(best) >= -slack else { return nil }
        let low = edge(from: best, to: range.lowerBound) { room($0) >= -slack }
        let high = edge(from: best, to: range.upperBound) { room($0) >= -slack }
        return low...high
    }

    /// The highest and the lowest value at a moment of all lines whose slopes lie in a range.
    func values(at x: Double, slopes: ClosedRange<Double>) -> (low: Double, high: Double) {
        let steepest = maximum(of: { highest(at: x, $0) }, in: slopes)
        let flattest = maximum(of: { -lowest(at: x, $0) }, in: slopes)
        return (lowest(at: x, flattest), highest(at: x, steepest))
    }
}

/// Where a concave function is largest.
func maximum(of function: (Double) -> Double, in range: ClosedRange<Double>) -> Double {
    var (low, high) = (range.lowerBound, range.upperBound)
    for _ in 0..<80 where high > low {
        let third = (high - low) / 3
        if function(low + third) < function(high - third) {
            low += third
        } else {
            high -= third
        }
    }
    return (low + high) / 2
}

/// The last place from `start` towards `end` at which a condition holds that holds at `start`.
func edge(from start: Double, to end: Double, where holds: (Double) -> Bool) -> Double {
    if holds(end) { return end }
    var (inside, outside) = (start, end)
    for _ in 0..<60 {
        let middle = (inside + outside) / 2
        if holds(middle) { inside = middle } else { outside = middle }
    }
    return inside
}
