internal import Reports

/// The words of a capture filter, which stand after `--`, as many as there are: a second list of words beside the files
/// is beyond a parser of options.
public enum FilterWords {
    /// The arguments with these words as the value of `--filter-words`.
    public static func joined(in arguments: [String]) -> [String] {
        guard let end = arguments.firstIndex(of: "--") else { return arguments }
        let words = arguments[(end + 1)...]
        let filter = words.isEmpty ? [] : ["--filter-words=" + words.joined(separator: " ")]
        return arguments[..<end] + filter
    }
}

extension String {
    /// A message without the control characters of the arguments that it quotes, which may be names of files from `*`.
    public func showing(_ arguments: [String]) -> String {
        arguments.reduce(self) { text, argument in
            argument == argument.visible
                ? text
                : text.split(separator: argument, omittingEmptySubsequences: false)
                    .joined(separator: argument.visible)
        }
    }
}
