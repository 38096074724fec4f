/// The counterparts and the fates of one tap's segments, in memory that does not move.
///
/// Several threads may write at the same time, each to the segments of other connections: every segment has places of its
/// own, and no thread reads those of another thread's connections before all have ended.
@safe final class SegmentLinks: @unchecked Sendable {
    private let counterparts: UnsafeMutableBufferPointer<Int32>
    private let fates: UnsafeMutableBufferPointer<SegmentFate>

    /// - Parameter count: the tap's segments, none of which has a counterpart so far.
    init(count: Int) {
        unsafe counterparts = .allocate(capacity: count)
        unsafe counterparts.initialize(repeating: -1)
        unsafe fates = .allocate(capacity: count)
        unsafe fates.initialize(repeating: .notCompared)
    }

    deinit {
        unsafe counterparts.deallocate()
        unsafe fates.deallocate()
    }

    private func check(_ segment: Int) {
        unsafe precondition(fates.indices.contains(segment), "no such segment")
    }

    /// The index of a segment's counterpart at the other tap; below zero where it has none.
    func counterpart(of segment: Int) -> Int {
        check(segment)
        return unsafe Int(counterparts[segment])
    }

    /// What became of a segment.
    func fate(of segment: Int) -> SegmentFate {
        check(segment)
        return unsafe fates[segment]
    }

    /// Notes a segment's fate, and its counterpart where it has one.
    func set(_ fate: SegmentFate, _ segment: Int, counterpart: Int? = nil) {
        check(segment)
        unsafe fates[segment] = fate
        if let counterpart {
            unsafe counterparts[segment] = Int32(truncatingIfNeeded: counterpart)
        }
    }
}
