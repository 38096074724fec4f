/// A frame as reports name it: `157`, or `2:157` in the second of several files that overlap.
public struct FrameArgument: Hashable, Sendable {
    /// As it was written.
    public let text: String
    /// The file's place in the list, from 1; nil where only a number is given.
    public let file: Int?
    /// The frame's number, from 1.
    public let number: UInt64

    /// Reads a number, or two with a colon; nil for anything else.
    public init?(_ argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt64($0) }
        guard 1...2 ~= parts.count, numbers.count == parts.count, let number = numbers.last,
            number > 0
        else { return nil }
        text = argument
        self.number = number
        file = parts.count == 2 ? Int(clamping: numbers[0]) : nil
    }
}
