import ArgumentParser

/// A frame as reports name it: `157`, or `2:157` in the second of several files that overlap.
struct FrameArgument: ExpressibleByArgument {
    /// As it was written.
    let text: String
    /// The file's place in the list, from 1; nil where only a number is given.
    let file: Int?
    /// The frame's number, from 1.
    let number: UInt64

    init?(argument: String) {
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
