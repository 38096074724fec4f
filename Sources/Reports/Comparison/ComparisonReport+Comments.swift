internal import Comparison
internal import TCPState

extension ComparisonReport {
    /// The frames of connections that something happened to, by tap, each with what happened to it in words.
    ///
    /// - Parameter limit: connections, at most: the most telling ones.
    package func comments(limit: Int) -> [[UInt64: [String]]] {
        var comments = [[UInt64: [String]]](repeating: [:], count: comparison.taps.count)
        let paths = groups.filter(\.kind.isProblem).flatMap(\.paths).prefix(limit)
        for index in paths {
            for row in PathLadder(self, path: index).rows {
                for sighting in row.trace.sightings {
                    let segment = comparison.taps[sighting.tap].segments[sighting.segment]
                    comments[sighting.tap][segment.frame, default: []] += row.notes
                }
            }
            for verdict in verdicts[index] {
                let text =
                    "\(verdict.kind.rawValue) (\(verdict.grade.name)): \(sentence(of: verdict))"
                for frame in verdict.evidence { comments[frame.tap][frame.frame]?.append(text) }
            }
        }
        return comments
    }
}
