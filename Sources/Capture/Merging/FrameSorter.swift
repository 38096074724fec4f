internal import Coding
internal import Wire

/// Puts frames that are out of order in a file into the order of their times, as `reordercap` does.
///
/// Where several receive queues or interfaces are written in bursts, frames have true times and wrong places. The
/// first frames are held back to see whether it is so. If it is, each frame waits from then on until a later one is
/// a second ahead of it; if not, none waits any more.
///
/// Memory: at most 65,536 frames and twice 8 MiB for their bytes, plus one frame.
@safe
final class FrameSorter {
    /// A frame that is held; its bytes lie at an offset of the memory.
    @unsafe
    private struct Held {
        let offset: Int
        let record: RawRecord
        var isTaken = false
    }

    /// What it does with the next frames.
    private enum Phase {
        /// Holds them back, to see whether they are in order.
        case looking
        /// Sorts them.
        case sorting
        /// Gives what it holds as it came, and takes no more.
        case ending
    }

    /// Frames that are held back at first.
    private static let sampleSize = 4_096
    private static let frameLimit = 65_536
    private static let byteLimit = 8 << 20
    /// Nanoseconds for which a frame waits for others.
    private static let window: Int64 = 1_000_000_000
    /// A single step back of more nanoseconds is a clock that was set back, not a frame in a wrong place.
    private static let clockStep: Int64 = 100_000_000

    /// Frames that were put into another place.
    private(set) var moved: UInt64 = 0
    private var phase = Phase.looking
    /// The frames by time; those of one time in the order in which they came.
    private var queue = MergeQueue()
    /// The frames in the order in which they came, from `start` on.
    private var held = unsafe [Held]()
    private var start = 0
    /// How many frames came before the first of `held`.
    private var base = 0
    private var memory: UnsafeMutableRawBufferPointer
    private var used = 0

    private var latest = Int64.min
    /// The time of the frame that came last.
    private var previous = Int64.min
    private var lastGiven = Int64.min
    private var stepsBack = 0
    private var longestStep: Int64 = 0

    init() { unsafe memory = .allocate(byteCount: 64 << 10, alignment: 16) }

    deinit { unsafe memory.deallocate() }

    /// Whether it needs another frame before it can tell which is the earliest.
    var wantsMore: Bool {
        if phase == .ending { return false }
        guard queue.count < Self.frameLimit, used - kept < Self.byteLimit else { return false }
        if phase == .looking { return queue.count < Self.sampleSize }
        guard let first = queue.first else { return true }
        return latest &- first.time <= Self.window
    }

    /// Takes a frame. Its bytes are copied. Logarithmic in what is held.
    func add(_ record: RawRecord) {
        unsafe hold(record)
        let time = unsafe record.timestamp.nanoseconds
        if time < previous {
            stepsBack += 1
            longestStep = max(longestStep, previous &- time)
        }
        if time < latest, time >= lastGiven { moved += 1 }
        previous = time
        latest = max(latest, time)
    }

    /// No frame follows.
    func end() {
        if phase == .looking { decide() }
        // The rest is sorted as well.
        if phase == .sorting { return }
        phase = .ending
    }

    /// The next frame; its bytes are valid until the sorter is asked for anything else. Nil where it holds none.
    func next() -> RawRecord? {
        if phase == .looking { decide() }
        let index: Int
        if phase == .sorting {
            guard let entry = queue.removeFirst() else { return nil }
            index = entry.index - base
            lastGiven = max(lastGiven, entry.time)
        } else {
            guard unsafe start < held.count else { return nil }
            index = start
        }
        unsafe held[index].isTaken = true
        let found = unsafe held[index]
        while unsafe start < held.count, unsafe held[start].isTaken { start += 1 }
        let bytes = unsafe memory.baseAddress.unsafelyUnwrapped + found.offset
        return unsafe found.record.moved(to: bytes.assumingMemoryBound(to: UInt8.self))
    }

    /// Whether the frames that were held back are out of order.
    private func decide() {
        let isClockStep = stepsBack == 1 && longestStep > Self.clockStep
        phase = stepsBack > 0 && !isClockStep && !repeatsTimes ? .sorting : .ending
        if phase == .ending { moved = 0 }
    }

    /// Whether each step back leads to the very time of an earlier frame. A clock of microseconds does not do that: a program
    /// has made the packets, in the order of the file, and given the same time to several.
    private var repeatsTimes: Bool {
        var times: Set<Int64> = []
        var previous = Int64.min
        for time in unsafe held.map({ unsafe $0.record.timestamp.nanoseconds }) {
            if time < previous, !times.contains(time) { return false }
            times.insert(time)
            previous = time
        }
        return true
    }

    /// Where the bytes begin that are not given yet, or were given after some that are not.
    private var kept: Int { unsafe start < held.count ? held[start].offset : used }

    private func hold(_ record: RawRecord) {
        let size = unsafe Self.size(of: record)
        makeRoom(size)
        unsafe (memory.baseAddress.unsafelyUnwrapped + used).copyMemory(
            from: record.bytes, byteCount: record.capturedLength)
        unsafe held.append(Held(offset: used, record: record))
        used += size
        unsafe queue.insert(
            .init(time: record.timestamp.nanoseconds, index: base + held.count - 1))
    }

    /// The room that a frame takes: one without bytes takes some as well.
    private static func size(of record: RawRecord) -> Int {
        unsafe max(16, record.capturedLength)
    }

    /// Makes room for so many bytes; what was given is dropped.
    private func makeRoom(_ size: Int) {
        guard unsafe used + size > memory.count else { return }
        let kept = kept
        let old = unsafe memory
        let count = max(unsafe memory.count, 2 * (used - kept + size))
        unsafe memory = .allocate(byteCount: count, alignment: 16)
        if used > kept {
            unsafe memory.baseAddress.unsafelyUnwrapped.copyMemory(
                from: old.baseAddress.unsafelyUnwrapped + kept, byteCount: used - kept)
        }
        unsafe old.deallocate()
        used -= kept
        unsafe held = held[start...].map {
            unsafe Held(offset: $0.offset - kept, record: $0.record, isTaken: $0.isTaken)
        }
        base += start
        start = 0
    }

    // MARK: Going on later

    /// Writes the frames that are held back and what is known of those before them, or reads them in the place of
    /// nothing.
    ///
    /// - Parameters:
    ///   - files: how many files come before those of the reader.
    ///   - interfaces: how many interfaces have numbers.
    func code(_ records: inout some RecordCoder, after files: UInt16, interfaces: Int) {
        let remaining = unsafe held[start...].filter { unsafe !$0.isTaken }
        var count = unsafe remaining.count
        records.record { coder in
            codeState(&coder)
            coder(&count)
        }
        guard records.isValid, 0...Self.frameLimit ~= count else { return records.fail() }
        var end = kept
        for index in 0..<count where records.isValid {
            records.record { coder in
                if coder.isReading {
                    readFrame(&coder, after: files, interfaces)
                } else {
                    let (record, offset) = unsafe (remaining[index].record, remaining[index].offset)
                    codeGap(offset - end, &coder)
                    let bytes = unsafe memory.baseAddress.unsafelyUnwrapped + offset
                    unsafe StoredFrame(record, bytes, after: files).encode(to: &coder)
                    end = unsafe offset + Self.size(of: record)
                }
            }
        }
        records.record { codeGap(used - end, &$0) }
    }

    private func codeState(_ coder: inout BinaryCoder) {
        var isSorting = phase == .sorting
        coder(&isSorting)
        if coder.isReading { phase = isSorting ? .sorting : .looking }
        coder(&moved)
        coder(&latest)
        coder(&previous)
        coder(&lastGiven)
        coder(&stepsBack)
        coder(&longestStep)
    }

    /// The room of frames that were given, before one that was not: it counts for as long as that one is held.
    private func codeGap(_ size: Int, _ coder: inout BinaryCoder) {
        var size = size
        coder(&size)
        guard coder.isReading else { return }
        guard 0...Self.byteLimit ~= size, used - kept <= 2 * Self.byteLimit else {
            return coder.fail()
        }
        makeRoom(size)
        used += size
    }

    private func readFrame(_ coder: inout BinaryCoder, after files: UInt16, _ interfaces: Int) {
        codeGap(0, &coder)
        let frame = StoredFrame(from: &coder)
        guard coder.isValid, frame.interface < interfaces else { return coder.fail() }
        unsafe frame.withRecord(after: files) { unsafe hold($0) }
    }
}
