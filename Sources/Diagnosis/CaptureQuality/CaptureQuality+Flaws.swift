internal import Wire

extension CaptureQuality {
    /// The flaws that were found, those that do most to the results first.
    public var flaws: [CaptureFlaw] {
        lossFlaws + beginningFlaws + copyFlaws + timeFlaws + lengthFlaws + checksumFlaws
    }

    /// What is missing. Of several explanations of holes the simplest is given: the filter, sampling, a
    /// missing file, loss.
    private var lossFlaws: [CaptureFlaw] {
        var found: [CaptureFlaw] = []
        if let lostPackets, lostPackets > 0 {
            found.append(.init(.lostPackets, lostPackets, of: framesRead + lostPackets, .packets))
        }
        if filter == .synOnly {
            found.append(.init(.synOnly, connections, of: connections, .connections))
        } else if filter == .payloadOnly {
            found.append(.init(.payloadOnly, frames.segments, of: frames.segments, .segments))
        } else if isFlagsOnly {
            found.append(.init(.flagsOnly, connections, of: connections, .connections))
        } else if isSampled {
            found.append(
                .init(
                    .sampled, missingBytes, of: missingBytes + payloadBytes, .bytes,
                    detail: "missing"))
        } else if withHoles > 0 {
            found.append(.init(.holes, withHoles, of: connections, .connections))
        }
        // Nearly all that go on over the gap lack something: a quiet night leaves them whole.
        for (gap, connections) in zip(times.gapsBetweenFiles, divided)
        where connections.withHoles > 0 && connections.withHoles * 2 > connections.all {
            found.append(
                .init(
                    .missingFile, connections.withHoles, of: connections.all, .connections,
                    detail: "at a gap of \(Age(gap.duration)) between two files"))
        }
        return found
    }

    /// What filter explains what is never seen. A client without an answer repeats its SYN after a second, a
    /// server its SYN,ACK: where nothing else is in the capture and hardly any is ever repeated, over some seconds,
    /// they were answered. Whole connections do without payload, none without a bare acknowledgment.
    public var filter: CaptureFilter? {
        if segmentsOfAll >= 20, segmentsWithSYN == segmentsOfAll, repeatedSYNs * 20 <= connections,
            span.last - span.first >= 3_000_000_000
        {
            return .synOnly
        }
        if frames.segments >= 100, frames.withPayload == frames.segments {
            return .payloadOnly
        }
        return isFlagsOnly ? .flagsOnly : nil
    }

    /// Whole lives of connections, and not one segment without SYN, FIN or RST.
    private var isFlagsOnly: Bool { plainSegments == 0 && wholeLives > 0 }

    /// Of nearly every connection something is missing, and of many bytes in the middle: half as many as
    /// there are, or more.
    private var isSampled: Bool {
        connections >= 10 && incomplete * 10 >= connections * 8 && withHoles * 10 >= connections
            && missingBytes * 2 > payloadBytes
    }

    private var beginningFlaws: [CaptureFlaw] {
        var found: [CaptureFlaw] = []
        func add(_ kind: CaptureFlaw.Kind, _ count: UInt64) {
            if count > 0 { found.append(.init(kind, count, of: connections, .connections)) }
        }
        add(.oneDirection, oneDirection)
        add(.midStream, midStream)
        add(.stoppedEarly, inUse)
        return found
    }

    private var copyFlaws: [CaptureFlaw] {
        var found: [CaptureFlaw] = []
        // A copy now and then may be a repetition.
        func add(_ kind: CaptureFlaw.Kind, _ count: UInt64) {
            if count * 1_000 > frames.segments {
                found.append(.init(kind, count, of: frames.segments, .segments))
            }
        }
        add(.copies, frames.copies)
        add(.routedCopies, frames.routedCopies)
        add(.taggedCopies, frames.taggedCopies)
        add(.translated, frames.translatedCopies)
        if let streams, connections > streams, frames.taggedCopies == 0 {
            found.append(.init(.sameEnds, connections - streams, of: connections, .connections))
        }
        return found
    }

    private var timeFlaws: [CaptureFlaw] {
        var found: [CaptureFlaw] = []
        if framesBackInTime > 0 {
            found.append(.init(.backInTime, framesBackInTime, of: framesRead, .frames))
        }
        if times.jumps > 0, let longest = times.longest {
            found.append(
                .init(
                    .timeJumps, times.jumps, of: framesRead, .frames,
                    detail: "the longest \(Age(longest.duration))"))
        }
        return found
    }

    private var lengthFlaws: [CaptureFlaw] {
        var found: [CaptureFlaw] = []
        func add(_ kind: CaptureFlaw.Kind, _ count: UInt64) {
            if count > 0 { found.append(.init(kind, count, of: frames.segments, .segments)) }
        }
        add(.cutOptions, frames.cutOptions)
        let hasHeadersOnly =
            frames.withPayload > 0 && frames.withoutItsPayload == frames.withPayload
        if hasHeadersOnly {
            add(.headersOnly, frames.withoutItsPayload)
        } else {
            add(.snapshotLength, frames.cut)
        }
        add(.superSegments, frames.superSegments)
        add(.bigSegments, frames.bigSegments)
        add(.fragments, frames.fragments)
        return found
    }

    private var checksumFlaws: [CaptureFlaw] {
        guard let checksums, checksums.total.wrong > 0 else { return [] }
        let total = checksums.total
        let senders = checksums.offloading.map { "\($0)" }
        return [
            .init(
                senders.isEmpty ? .wrongChecksums : .checksumOffload, total.wrong,
                of: total.correct + total.wrong, .segments,
                detail: senders.isEmpty
                    ? ""
                    : "all sent by \(senders.prefix(4).joined(separator: ", "))"
                        + (senders.count > 4 ? " and \(senders.count - 4) more" : ""))
        ]
    }
}
