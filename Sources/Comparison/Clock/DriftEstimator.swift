/// Bounds the drift of two clocks where the least delay of each direction is about the same all along.
///
/// First the slope with which the least delays of many parts lie closest together, then, from the residues, the slope
/// between the least delay of the first third and that of the last one. How much a least delay may be off is judged by how
/// far the two best parts of its third are apart. Where both directions agree, both bounds hold.
struct DriftEstimator {
    /// Upper bounds of the offset, and lower ones, in order of time.
    let above: [OffsetBounds.Point]
    let below: [OffsetBounds.Point]
    /// The slopes that are possible at all.
    let possible: ClosedRange<Double>
    /// What time stamps may be wrong by.
    let slack: Double

    private static let parts = 24
    private static let fewest = 8
    /// The share of parts that had at least one segment without much delay.
    private static let quietShare = 2.0 / 3
    /// How many parts a third is cut into.
    private static let cuts = 4
    /// Delays are never constant to the nanosecond.
    private static let noise = 10_000.0

    /// The bounds; nil where there are too few points.
    var bounds: ClosedRange<Double>? {
        let outward = leasts(above, 1)
        let inward = leasts(below, -1)
        guard outward.count >= DriftEstimator.fewest, inward.count >= DriftEstimator.fewest else {
            return nil
        }
        func spread(_ slope: Double) -> Double {
            quietSpread(outward.map { $0.y - slope * $0.x })
                + quietSpread(inward.map { slope * $0.x - $0.y })
        }
        let best = minimum(of: spread)
        let limit = 2 * spread(best) + 2 * slack + DriftEstimator.noise
        let low = edge(from: best, to: possible.lowerBound) { spread($0) <= limit }
        let high = edge(from: best, to: possible.upperBound) { spread($0) <= limit }
        return refined(best, low...high)
    }

    /// The extreme point of each part, by the middle of the possible slopes.
    ///
    /// - Parameter sign: 1 for upper bounds, -1 for lower ones.
    private func leasts(
        _ points: [OffsetBounds.Point], _ sign: Double
    ) -> [OffsetBounds.Point] {
        let slope = (possible.lowerBound + possible.upperBound) / 2
        let count = max(1, points.count / DriftEstimator.parts)
        return stride(from: 0, to: points.count, by: count).compactMap { from in
            points[from..<min(from + count, points.count)].min {
                sign * ($0.y - slope * $0.x) < sign * ($1.y - slope * $1.x)
            }
        }
    }

    /// How far the least values lie apart: the best two thirds of them.
    private func quietSpread(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted[Int(Double(sorted.count - 1) * DriftEstimator.quietShare)] - sorted[0]
    }

    /// Where a function is least that falls and rises once but for little: a grid, made finer around its best point.
    private func minimum(of function: (Double) -> Double) -> Double {
        var (low, high) = (possible.lowerBound, possible.upperBound)
        var best = (low + high) / 2
        for _ in 0..<6 {
            let step = (high - low) / 40
            guard step > 0 else { break }
            let points = (0...40).map { low + step * Double($0) }
            best = points.min { function($0) < function($1) } ?? best
            low = max(possible.lowerBound, best - 2 * step)
            high = min(possible.upperBound, best + 2 * step)
        }
        return best
    }

    // MARK: Thirds

    private func refined(
        _ best: Double, _ wide: ClosedRange<Double>
    ) -> ClosedRange<Double> {
        let found = [
            thirds(above.map { .init(x: $0.x, y: $0.y - best * $0.x) }),
            thirds(below.map { .init(x: $0.x, y: best * $0.x - $0.y) })
                .map { -$0.upperBound ... -$0.lowerBound },
        ].compactMap(\.self)
        guard let first = found.first, let last = found.last else { return wide }
        // Directions that disagree: one of the paths has changed, and nobody knows which.
        let isOne = first.overlaps(last)
        let low =
            isOne ? max(first.lowerBound, last.lowerBound) : min(first.lowerBound, last.lowerBound)
        let high =
            isOne ? min(first.upperBound, last.upperBound) : max(first.upperBound, last.upperBound)
        let bounds = max(wide.lowerBound, best + low)...max(wide.lowerBound, best + high)
        return bounds.clamped(to: wide)
    }

    /// The slope from the least value of the first third to that of the last one.
    private func thirds(_ points: [OffsetBounds.Point]) -> ClosedRange<Double>? {
        guard let first = points.first?.x, let last = points.last?.x, last > first else {
            return nil
        }
        let third = (last - first) / 3
        guard let a = least(points, from: first, third),
            let b = least(points, from: last - third, third)
        else { return nil }
        let length = b.point.x - a.point.x
        guard length > third / 2 else { return nil }
        let slope = (b.point.y - a.point.y) / length
        let error = (2 * (a.doubt + b.doubt) + 2 * slack + DriftEstimator.noise) / length
        return (slope - error)...(slope + error)
    }

    /// The least point of a third, and how far the second best part is from it.
    private func least(
        _ points: [OffsetBounds.Point], from start: Double, _ length: Double
    ) -> (point: OffsetBounds.Point, doubt: Double)? {
        let part = length / Double(DriftEstimator.cuts)
        var best = [OffsetBounds.Point?](repeating: nil, count: DriftEstimator.cuts)
        for point in points where point.x >= start && point.x <= start + length {
            let index = min(DriftEstimator.cuts - 1, Int((point.x - start) / part))
            if point.y < best[index]?.y ?? .infinity { best[index] = point }
        }
        let sorted = best.compactMap(\.self).sorted { $0.y < $1.y }
        guard sorted.count >= 2 else { return nil }
        return (sorted[0], sorted[1].y - sorted[0].y)
    }
}
