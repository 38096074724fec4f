/// A frame, by its file and its number in that file, in one number as the tracker carries it.
public struct FrameReference: RawRepresentable, Hashable, Sendable {
    /// The file's index in the top 16 bits, the frame's number below.
    public let rawValue: UInt64

    /// Takes it apart again.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Joins a file's index, from 0, and a frame's number in it, from 1.
    @inlinable
    public init(file: UInt16, number: UInt64) {
        rawValue = UInt64(file) << 48 | number & (1 << 48 - 1)
    }

    /// The file's place in the list of files, from 1.
    public var file: Int { Int(rawValue >> 48) + 1 }

    /// The frame's number in its file, from 1, as Wireshark counts.
    public var number: UInt64 { rawValue & (1 << 48 - 1) }
}
