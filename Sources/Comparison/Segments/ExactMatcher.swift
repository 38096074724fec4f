internal import TCPState
internal import Wire

/// Links segments that are the same beyond doubt at both taps: nothing is known yet of the clocks.
///
/// Most are found by walking both lists at once; the others by their identity, where it occurs once at each tap.
struct ExactMatcher {
    /// Segments that the walk looks ahead for where the lists differ.
    private static let lookAhead = 16

    /// Links the segments of one direction of a match.
    static func match(_ stream: Stream, in pair: inout PairComparison) {
        walk(stream, &pair)
        linkUnique(stream, &pair, isIdentified: true)
        if !hasLinks(stream, pair) { linkUnique(stream, &pair, isIdentified: false) }
    }

    /// Whether a SYN may be another one: a box that rewrites sequence numbers answers with its own.
    private static func isDoubtful(_ segment: TapSegment, _ stream: Stream) -> Bool {
        segment.flags.contains(.syn) && stream.shift != 0 && !segment.hasTimestamps
    }

    private static func walk(_ stream: Stream, _ pair: inout PairComparison) {
        var (i, j) = (stream.near.startIndex, stream.far.startIndex)
        while i < stream.near.endIndex, j < stream.far.endIndex {
            let a = pair.near.segments[Int(stream.near[i])]
            let b = pair.far.segments[Int(stream.far[j])]
            let (mine, yours) = (stream.identity(a, at: .near), stream.identity(b, at: .far))
            if mine == yours {
                // What comes twice in a row may be a copy.
                let isRepeated =
                    isRepeated(a, i + 1, stream.near, pair.near)
                    || isRepeated(b, j + 1, stream.far, pair.far)
                if mine.isUnique, !isRepeated, !isDoubtful(a, stream) {
                    pair.link(Int(stream.near[i]), Int(stream.far[j]))
                }
                i += 1
                j += 1
                continue
            }
            let ahead = (1...lookAhead).first { step in
                i + step < stream.near.endIndex
                    && stream.identity(
                        pair.near.segments[Int(stream.near[i + step])], at: .near) == yours
            }
            let behind = (1...lookAhead).first { step in
                j + step < stream.far.endIndex
                    && stream.identity(
                        pair.far.segments[Int(stream.far[j + step])], at: .far) == mine
            }
            switch (ahead, behind) {
            case (let step?, let other?) where other < step: j += other
            case (let step?, _): i += step
            case (nil, let step?): j += step
            case (nil, nil):
                i += 1
                j += 1
            }
        }
    }

    /// Whether a segment's successor takes the same place in the stream.
    private static func isRepeated(
        _ segment: TapSegment, _ next: Int, _ numbers: ArraySlice<UInt32>, _ tap: Tap
    ) -> Bool {
        guard next < numbers.endIndex else { return false }
        let other = tap.segments[Int(numbers[next])]
        return other.sequenceNumber == segment.sequenceNumber
            && other.payloadLength == segment.payloadLength
            && other.acknowledgmentNumber == segment.acknowledgmentNumber
            && other.identification == segment.identification
    }

    /// Links what is left and has an identity that occurs once at each tap.
    private static func linkUnique(
        _ stream: Stream, _ pair: inout PairComparison, isIdentified: Bool
    ) {
        /// The only segment with an identity; -1 where there are several.
        func index(_ place: PairComparison.Place) -> [SegmentIdentity: Int] {
            var index: [SegmentIdentity: Int] = [:]
            for number in stream.segments(at: place) {
                let segment = pair.tap(place).segments[Int(number)]
                guard isIdentified || segment.isSequenced, !isDoubtful(segment, stream) else {
                    continue
                }
                // A linked segment still makes its copies doubtful.
                let isFree = pair.counterpart(of: Int(number), at: place) == nil
                let identity = stream.identity(segment, at: place, isIdentified: isIdentified)
                index[identity] = index[identity] == nil && isFree ? Int(number) : -1
            }
            return index
        }
        let isComplete = PairComparison.Place.allCases.contains { place in
            stream.segments(at: place).allSatisfy {
                pair.counterpart(of: Int($0), at: place) != nil
            }
        }
        if isComplete { return }
        let far = index(.far)
        for (identity, a) in index(.near) where a >= 0 {
            if let b = far[identity], b >= 0 { pair.link(a, b) }
        }
    }

    private static func hasLinks(_ stream: Stream, _ pair: PairComparison) -> Bool {
        stream.near.contains { pair.counterpart(of: Int($0), at: .near) != nil }
    }
}
