internal import Coding
public import Wire

/// Where a capture's clock jumps, and what is missing between its files. Asked about a frame only when
/// its second begins: see ``due``.
public struct ClockGapDetector: Sendable {
    /// A time without frames.
    public struct Gap: Sendable {
        /// The last frame before it.
        public fileprivate(set) var start: Timestamp
        /// The first frame after it.
        public fileprivate(set) var end: Timestamp
        /// Whether another file begins there.
        public fileprivate(set) var isBetweenFiles: Bool

        /// Nanoseconds.
        public var duration: TimeSpan { end - start }
    }

    /// A time without frames is a jump: our choice.
    public static let jump: TimeSpan = 3_600_000_000_000
    /// So many of the longest gaps between files are kept.
    private static let limit = 8

    /// A frame of this time or a later one is to be given to ``inspect(_:after:file:)``.
    public private(set) var due = Timestamp(nanoseconds: .min)
    /// Times of an hour or more without frames.
    public private(set) var jumps: UInt64 = 0
    /// The longest time without frames, if it is a second or more.
    public private(set) var longest: Gap?
    /// The longest times without frames between two files.
    public private(set) var gapsBetweenFiles: [Gap] = []

    private var file: UInt16?
    /// The first time of a second or more without frames.
    private var earliest: Gap?

    /// Begins with nothing.
    public init() {}

    /// Takes the first frame of a second.
    ///
    /// - Parameters:
    ///   - last: the latest time before it; nil for the first frame.
    ///   - file: the index of the frame's file.
    public mutating func inspect(_ time: Timestamp, after last: Timestamp?, file: UInt16) {
        due = Self.nextSecond(after: time)
        defer { self.file = file }
        guard let last, time - last >= Self.second else { return }
        add(Gap(start: last, end: time, isBetweenFiles: self.file != file))
    }

    /// Adds what one found in frames that follow, all of them in other files.
    ///
    /// - Parameters:
    ///   - last: the latest time before them.
    ///   - first: the time of the first of them.
    public mutating func add(
        _ later: ClockGapDetector, from first: Timestamp, after last: Timestamp
    ) {
        if first - last >= Self.second {
            add(Gap(start: last, end: first, isBetweenFiles: true))
        }
        var later = later
        // Up to this gap no second began: a run over all of the frames has not looked at the file yet.
        if let gap = later.earliest, !gap.isBetweenFiles,
            Self.nextSecond(after: gap.start) == Self.nextSecond(after: last)
        {
            later.earliest?.isBetweenFiles = true
            if later.longest?.start == gap.start { later.longest?.isBetweenFiles = true }
            later.gapsBetweenFiles =
                [Gap(start: gap.start, end: gap.end, isBetweenFiles: true)]
                + later.gapsBetweenFiles
            later.gapsBetweenFiles.sort { $0.duration > $1.duration }
        }
        jumps &+= later.jumps
        earliest = earliest ?? later.earliest
        if let gap = later.longest, gap.duration > longest?.duration ?? 0 { longest = gap }
        keep(later.gapsBetweenFiles)
    }

    private mutating func add(_ gap: Gap) {
        earliest = earliest ?? gap
        if gap.duration >= Self.jump { jumps += 1 }
        if gap.duration > longest?.duration ?? 0 { longest = gap }
        if gap.isBetweenFiles { keep([gap]) }
    }

    private mutating func keep(_ gaps: [Gap]) {
        gapsBetweenFiles += gaps
        gapsBetweenFiles.sort { $0.duration > $1.duration }
        if gapsBetweenFiles.count > Self.limit {
            gapsBetweenFiles.removeLast(gapsBetweenFiles.count - Self.limit)
        }
    }

    private static let second: TimeSpan = 1_000_000_000

    /// When the next second of the clock begins: the same wherever one begins to look.
    private static func nextSecond(after time: Timestamp) -> Timestamp {
        let rest = time.nanoseconds % second.nanoseconds
        let passed = rest < 0 ? rest + second.nanoseconds : rest
        return time + TimeSpan(nanoseconds: second.nanoseconds - passed)
    }
}

// As bytes, to be added to another one later.
extension ClockGapDetector {
    /// The same, to go on with.
    mutating func codeWhole(_ coder: inout BinaryCoder) {
        coder(&due)
        coder(&file)
        code(&coder)
    }

    /// Reads what was written, or writes.
    mutating func code(_ coder: inout BinaryCoder) {
        coder(&jumps)
        coder.optional(&longest, Gap.blank) { $0.code(&$1) }
        coder.optional(&earliest, Gap.blank) { $0.code(&$1) }
        coder.list(&gapsBetweenFiles, Gap.blank) { $0.code(&$1) }
    }
}

extension ClockGapDetector.Gap {
    fileprivate static var blank: Self {
        let zero = Timestamp(nanoseconds: 0)
        return Self(start: zero, end: zero, isBetweenFiles: false)
    }

    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&start)
        coder(&end)
        coder(&isBetweenFiles)
    }
}
