internal import POSIX
public import Wire

/// Checks that several commands make of their flags, with the words for what they refuse.
public enum FlagChecks {
    /// The interval that a flag was given.
    ///
    /// - Parameter example: intervals that are valid, for who has given none.
    public static func interval(
        _ text: String, of flag: String, example: String
    ) throws(ArgumentFailure) -> TimeSpan {
        guard let span = TimeSpan(argument: text), span > 0, span < .max else {
            throw ArgumentFailure("\(flag) '\(text)' is not a length of time, such as \(example).")
        }
        return span
    }

    /// Refuses captures that can be read once only, where a flag has them read more than once.
    ///
    /// - Parameter times: how often, in words.
    public static func refuseStreams(
        _ files: [String], for flag: String, _ times: String = "twice"
    ) throws(ArgumentFailure) {
        guard files.contains(where: { isStream($0) }) else { return }
        throw ArgumentFailure(
            "\(flag) reads the captures \(times), so standard input and pipes do not work.")
    }

    /// Refuses the first of some flags that is given.
    ///
    /// - Parameters:
    ///   - flags: each with whether it is given.
    ///   - words: what is wrong with a flag.
    public static func refuse(
        _ flags: [(flag: String, isGiven: Bool)], _ words: (String) -> String
    ) throws(ArgumentFailure) {
        guard let (flag, _) = flags.first(where: \.isGiven) else { return }
        throw ArgumentFailure(words(flag))
    }
}
