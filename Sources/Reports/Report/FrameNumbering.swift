/// How frames are named where there may be several files.
///
/// Files that follow one another in time are one time line: their frames count on from file to file, as
/// in the one file that mergecap makes of them. Frames of files that overlap are `FILE:NUMBER`.
public struct FrameNumbering: Sendable {
    /// The frames before each file's first; nil where every file counts for itself.
    private let before: [UInt64]?

    /// One file.
    public static let oneFile = FrameNumbering(before: [0])

    /// - Parameter before: how many frames lie before each file's first, by the file's place in the list;
    ///   nil for files that overlap in time.
    public init(before: [UInt64]?) { self.before = before }

    /// Whether the frames are those of one file, or count on as if they were.
    public var isContinuous: Bool { before != nil }

    /// A frame's number.
    public func number(_ frame: UInt64) -> UInt64 {
        let reference = FrameReference(rawValue: frame)
        guard let before, before.indices.contains(reference.file - 1) else {
            return reference.number
        }
        return before[reference.file - 1] + reference.number
    }

    /// The file that it is a number in, from 1; nil where the number says enough.
    public func file(_ frame: UInt64) -> Int? {
        isContinuous ? nil : FrameReference(rawValue: frame).file
    }

    /// Both as text.
    public func text(_ frame: UInt64) -> String {
        (file(frame).map { "\($0):" } ?? "") + "\(number(frame))"
    }
}
