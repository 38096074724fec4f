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
        pairInOrder(stream, &pair)
        linkUnique(stream, &pair, kept: .all)
        if !hasLinks(stream, pair) { linkUnique(stream, &pair, kept: .timestamps) }
        // A SYN proxy that shifts sequence numbers shifts time stamps as well.
        if stream.shift != 0, !hasLinks(stream, pair) { linkUnique(stream, &pair, kept: .numbers) }
    }

    /// Whether a SYN may be another one: a box that rewrites sequence numbers answers with its own.
    private static func isDoubtful(_ segment: TapSegment, _ stream: Stream) -> Bool {
        segment.flags.contains(.syn) && stream.shift != 0 && !segment.hasTimestamps
    }

    private static func pairInOrder(_ stream: Stream, _ pair: inout PairComparison) {
        let (near, far) = (pair.near.segments, pair.far.segments)
        let (end, farEnd) = (stream.near.upperBound, stream.far.upperBound)
        var (i, j) = (stream.near.lowerBound, stream.far.lowerBound)
        while i < end, j < farEnd {
            let (a, b) = (near[i], far[j])
            let (mine, yours) = (stream.identity(a, at: .near), stream.identity(b, at: .far))
            if mine == yours {
                // What comes twice in a row may be a copy.
                let isRepeated =
                    i + 1 < end && isRepeated(a, near[i + 1])
                    || j + 1 < farEnd && isRepeated(b, far[j + 1])
                if mine.isUnique, !isRepeated, !isDoubtful(a, stream) {
                    pair.link(i, j)
                }
                i += 1
                j += 1
                continue
            }
            let ahead = (1...lookAhead).first { step in
                i + step < end && stream.identity(near[i + step], at: .near) == yours
            }
            let behind = (1...lookAhead).first { step in
                j + step < farEnd && stream.identity(far[j + step], at: .far) == mine
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
    private static func isRepeated(_ segment: TapSegment, _ other: TapSegment) -> Bool {
        other.sequenceNumber == segment.sequenceNumber
            && other.payloadLength == segment.payloadLength
            && other.acknowledgmentNumber == segment.acknowledgmentNumber
            && other.identification == segment.identification
    }

    /// Links what is left and has an identity that occurs once at each tap.
    private static func linkUnique(
        _ stream: Stream, _ pair: inout PairComparison, kept: SegmentIdentity.Kept
    ) {
        func isCandidate(_ segment: TapSegment) -> Bool {
            switch kept {
            case .all: !isDoubtful(segment, stream)
            case .timestamps: segment.isSequenced && !isDoubtful(segment, stream)
            case .numbers: segment.payloadLength > 0 && segment.control.isEmpty
            }
        }
        /// The only free segment with an identity; -1 where there are several.
        func free(_ tapSide: PairComparison.TapSide) -> [SegmentIdentity: Int] {
            var index: [SegmentIdentity: Int] = [:]
            let segments = pair.tap(tapSide).segments
            for number in stream.segments(at: tapSide) where pair.isFree(number, at: tapSide) {
                let segment = segments[number]
                guard isCandidate(segment) else { continue }
                let identity = stream.identity(segment, at: tapSide, kept: kept)
                index[identity] = index[identity] == nil ? number : -1
            }
            return index
        }
        let far = free(.far)
        if far.isEmpty { return }
        var found: [SegmentIdentity: (near: Int, far: Int)] = [:]
        for (identity, a) in free(.near) where a >= 0 {
            if let b = far[identity], b >= 0 { found[identity] = (a, b) }
        }
        if found.isEmpty { return }
        let filter = SequenceFilter(found.keys.lazy.map(\.sequenceNumber), count: found.count)
        // A linked segment makes its copies doubtful.
        for tapSide in PairComparison.TapSide.allCases {
            let segments = pair.tap(tapSide).segments
            for number in stream.segments(at: tapSide) where !pair.isFree(number, at: tapSide) {
                let segment = segments[number]
                guard filter.mayContain(stream.number(segment.sequenceNumber, at: tapSide)),
                    isCandidate(segment)
                else { continue }
                found[stream.identity(segment, at: tapSide, kept: kept)] = nil
            }
        }
        for (a, b) in found.values { pair.link(a, b) }
    }

    private static func hasLinks(_ stream: Stream, _ pair: PairComparison) -> Bool {
        stream.near.contains { !pair.isFree($0, at: .near) }
    }
}
