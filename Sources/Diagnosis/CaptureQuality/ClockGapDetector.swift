public import Wire

/// Where a capture's clock jumps, and what is missing between its files. Asked about a frame only when
/// its second begins: see ``due``.
public struct ClockGapDetector: Sendable {
    /// A time without frames.
    public struct Gap: Sendable {
        /// The last frame before it.
        public let start: Timestamp
        /// The first frame after it.
        public let end: Timestamp
        /// Whether another file begins there.
        public let isBetweenFiles: Bool

        /// Nanoseconds.
        public var length: TimeSpan { end - start }
    }

    /// A time without frames is a jump: our choice.
    public static let jump: TimeSpan = 3_600_000_000_000
    /// So many of the longest gaps between files are kept.
    private static let limit = 8

    /// A frame of this time or a later one is to be given to ``take(_:after:file:)``.
    public private(set) var due = Timestamp(nanoseconds: .min)
    /// Times of an hour or more without frames.
    public private(set) var jumps: UInt64 = 0
    /// The longest time without frames, if it is a second or more.
    public private(set) var longest: Gap?
    /// The longest times without frames between two files.
    public private(set) var gapsBetweenFiles: [Gap] = []

    private var file: UInt16?

    /// Begins with nothing.
    public init() {}

    /// Takes the first frame of a second.
    ///
    /// - Parameters:
    ///   - last: the latest time before it; nil for the first frame.
    ///   - file: the index of the frame's file.
    public mutating func take(_ time: Timestamp, after last: Timestamp?, file: UInt16) {
        due = time + 1_000_000_000
        defer { self.file = file }
        guard let last, time - last >= 1_000_000_000 else { return }
        let gap = Gap(start: last, end: time, isBetweenFiles: self.file != file)
        if gap.length >= Self.jump { jumps += 1 }
        if gap.length > longest?.length ?? 0 { longest = gap }
        guard gap.isBetweenFiles else { return }
        gapsBetweenFiles.append(gap)
        gapsBetweenFiles.sort { $0.length > $1.length }
        if gapsBetweenFiles.count > Self.limit { gapsBetweenFiles.removeLast() }
    }
}
