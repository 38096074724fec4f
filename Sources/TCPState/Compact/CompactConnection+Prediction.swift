public import Wire

extension CompactConnection {
    /// Does what ``Connection/takeFastPath(_:from:at:frame:)`` does, if the segment is one for it and what it changes
    /// fits. Otherwise does nothing and returns false.
    @inlinable @inline(__always)
    public mutating func takeFastPath(
        _ segment: borrowing @_addressable Segment, from sender: Side, at time: Timestamp,
        frame: UInt64
    ) -> Bool {
        let s = sender.rawValue
        let clock = Timestamp(nanoseconds: (time - firstSeen).nanoseconds)
        let lastSeen = max(ends[0].lastSent, ends[1].lastSent)
        guard clock >= lastSeen, clock.nanoseconds <= ShortNumber.range.upperBound,
            frame >> 32 == UInt64(file) << 16, ends[s].hasRoom(for: segment)
        else { return false }
        guard !facts.contains(.isInferred(s)) else {
            return takeFirstSinceSYNACK(
                segment, from: sender, at: clock, after: lastSeen, frame: frame)
        }
        guard clock - lastSeen < Connection.noteworthySilence else {
            return takeFastPathAfterGap(
                segment, from: sender, at: clock, after: lastSeen, frame: frame)
        }
        return takePredicted(segment, s, at: clock, frame: frame)
    }

    /// The same for a segment that ends a silence.
    @usableFromInline @inline(never)
    mutating func takeFastPathAfterGap(
        _ segment: borrowing @_addressable Segment, from sender: Side, at clock: Timestamp,
        after lastSeen: Timestamp, frame: UInt64
    ) -> Bool {
        let gaps = gaps(from: Timestamp(nanoseconds: 0)).ended(
            by: segment, from: sender, at: clock, frame: frame, after: lastSeen,
            Connection.Gaps.Activity(ends[sender.rawValue]),
            Connection.Gaps.Activity(ends[sender.peer.rawValue]))
        guard gaps.latest?.unanswered ?? 0 <= UInt8.max,
            takePredicted(segment, sender.rawValue, at: clock, frame: frame)
        else { return false }
        let fits = set(gaps, from: Timestamp(nanoseconds: 0))
        assert(fits, "its times and frames are those of segments that were taken")
        return true
    }

    /// The same for the first segment that an end sends since its SYN,ACK: it was in ESTABLISHED, since no end in compact form
    /// may send in SYN-RECEIVED. An observer that has names for what was inferred is to be told: see
    /// ``Connection/resolve(_:_:at:_:)``.
    @usableFromInline @inline(never)
    mutating func takeFirstSinceSYNACK(
        _ segment: borrowing @_addressable Segment, from sender: Side, at clock: Timestamp,
        after lastSeen: Timestamp, frame: UInt64
    ) -> Bool {
        // By then the inference may have been dropped, and the segment would prove nothing.
        guard !facts.contains(.hasDetails),
            clock.nanoseconds < Connection.inferenceLimit.nanoseconds
        else { return false }
        let s = sender.rawValue
        let isTaken =
            clock - lastSeen < Connection.noteworthySilence
            ? takePredicted(segment, s, at: clock, frame: frame)
            : takeFastPathAfterGap(segment, from: sender, at: clock, after: lastSeen, frame: frame)
        guard isTaken else { return false }
        facts.remove(.isInferred(s))
        facts.setGrade(s, .proved)
        return true
    }

    @inlinable @inline(__always)
    mutating func takePredicted(
        _ segment: borrowing @_addressable Segment, _ s: Int, at clock: Timestamp, frame: UInt64
    ) -> Bool {
        var both = ends.mutableSpan
        let isPredicted = unsafe both.withUnsafeMutableBufferPointer { both in
            // Elements 0 and 1, in either order: never the same one twice.
            unsafe both[s].sendFastPath(segment, to: &both[1 - s], at: clock)
        }
        guard isPredicted else { return false }
        lastFrame = UInt32(truncatingIfNeeded: frame)
        let completeness = completenesses & 15
        completenesses = completeness << 4 | completeness | (segment.payloadLength > 0 ? 8 : 4)
        return true
    }

    /// Its silences.
    ///
    /// - Parameter base: the time of its first segment, or 0 for times that are counted from there.
    @usableFromInline @_addressableSelf
    func gaps(from base: Timestamp) -> Connection.Gaps {
        var gaps = Connection.Gaps()
        gaps.longestSurvived = TimeSpan(nanoseconds: longestSurvived.value)
        guard facts.contains(.hasGap) else { return gaps }
        var gap = Connection.Gap(
            start: base + TimeSpan(nanoseconds: gapStart.value),
            end: base + TimeSpan(nanoseconds: gapEnd.value),
            frame: UInt64(file) << 48 | UInt64(gapFrame),
            breaker: facts.contains(.isBreakerHigh) ? .high : .low,
            isData: facts.contains(.isBreakerData), isWaiting: facts.contains(.isBreakerWaiting))
        gap.unanswered = UInt16(unanswered)
        gaps.latest = gap
        return gaps
    }

    /// Keeps its silences; returns whether they fit. See ``gaps(from:)``.
    @usableFromInline
    mutating func set(_ gaps: Connection.Gaps, from base: Timestamp) -> Bool {
        guard let longest = ShortNumber(gaps.longestSurvived.nanoseconds) else { return false }
        longestSurvived = longest
        guard let gap = gaps.latest else { return true }
        guard let start = ShortNumber((gap.start - base).nanoseconds),
            let end = ShortNumber((gap.end - base).nanoseconds),
            let unanswered = UInt8(exactly: gap.unanswered),
            gap.frame >> 32 == UInt64(file) << 16
        else { return false }
        gapStart = start
        gapEnd = end
        gapFrame = UInt32(truncatingIfNeeded: gap.frame)
        self.unanswered = unanswered
        facts.subtract(.gap)
        facts.insert(.hasGap)
        if gap.breaker == .high { facts.insert(.isBreakerHigh) }
        if gap.isData { facts.insert(.isBreakerData) }
        if gap.isWaiting { facts.insert(.isBreakerWaiting) }
        return true
    }
}
