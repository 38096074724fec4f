public import Wire

/// How text for people is laid out: as wide as the terminal, or with whole values for a pipe; with colours
/// or without; in UTC or in local time.
public struct TextLayout: Sendable {
    /// The columns that prose and tables may fill.
    public var columns = 80
    /// Whether values are written whole, however long their line becomes: for grep and awk.
    public var isWhole = false
    /// Colours, or none.
    public var palette = Palette.plain
    /// Whether arrows and marks are written in ASCII.
    public var isASCII = false
    /// Seconds east of UTC at a time; nil for UTC.
    public var offset: (@Sendable (Timestamp) -> Int64)?

    /// 80 columns without colours, in UTC.
    public init() {}

    /// The widths that a terminal is used at.
    public static let widths = 60...200

    /// The layout for an output.
    ///
    /// - Parameters:
    ///   - terminal: the terminal's columns; nil where the output is none.
    ///   - colour: whether colours are wanted.
    ///   - environment: the value of an environment variable. `COLUMNS` overrides the terminal's width,
    ///     `NO_COLOR` and `TERM=dumb` forbid colours, `LC_ALL`, `LC_CTYPE` or `LANG` name the character set:
    ///     without any of them it is UTF-8.
    public init(
        terminal: Int?, colour: ColourChoice = .auto, environment: (String) -> String?
    ) {
        let named = environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        if let width = named ?? terminal {
            columns = min(max(width, TextLayout.widths.lowerBound), TextLayout.widths.upperBound)
        }
        isWhole = terminal == nil
        let isForbidden =
            !(environment("NO_COLOR") ?? "").isEmpty || environment("TERM") == "dumb"
        let isColoured =
            switch colour {
            case .always: true
            case .never: false
            case .auto: terminal != nil && !isForbidden
            }
        palette = Palette(isOn: isColoured)
        isASCII = TextLayout.isASCII(environment)
    }

    /// Whether the locale has a character set other than UTF-8. POSIX, "Environment Variables", section 8.2:
    /// the first of the three that is set and not empty decides.
    private static func isASCII(_ environment: (String) -> String?) -> Bool {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let values = names.compactMap { environment($0) }
        guard let locale = values.first(where: { !$0.isEmpty }) else { return false }
        let name = locale.lowercased()
        return !name.contains("utf-8") && !name.contains("utf8")
    }

    /// A time in the layout's time zone.
    public func time(_ time: Timestamp) -> TimeText { TimeText(time, offset: offset?(time) ?? 0) }

    /// The text, cut in the middle to a width where values may be cut.
    func fitted(_ text: String, _ width: Int) -> String { isWhole ? text : text.elided(width) }

    /// Breaks text between words into lines that fit the columns. A command between backquotes is kept on one
    /// line where a line can hold it; a word that is longer than a line has a line of its own.
    ///
    /// - Parameters:
    ///   - indent: spaces before each line.
    ///   - hanging: more spaces before each line but the first.
    func wrapped(_ text: String, indent: Int = 0, hanging: Int = 0) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        let start = indent + hanging
        var isEmpty = true
        for word in words(text, room: columns - start) {
            if !isEmpty, line.count + 1 + word.count > columns {
                lines.append(line)
                line = String(repeating: " ", count: start)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        lines.append(line)
        return lines
    }

    /// The words of a text; a command between backquotes is one word where it fits.
    private func words(_ text: String, room: Int) -> [String] {
        var words: [String] = []
        var command: [String] = []
        for word in text.split(separator: " ").map(String.init) {
            let ticks = word.utf8.count { $0 == UInt8(ascii: "`") }
            if command.isEmpty, ticks % 2 == 0 {
                words.append(word)
                continue
            }
            command.append(word)
            guard ticks % 2 == 1, command.count > 1 else { continue }
            let whole = command.joined(separator: " ")
            if whole.count <= room { words.append(whole) } else { words += command }
            command = []
        }
        return words + command
    }
}

/// Whether colours are wanted: always, as the output allows, or never.
public enum ColourChoice: String, CaseIterable, Sendable {
    /// Whatever the output is: for `less -R`.
    case always
    /// On a terminal that has them, unless `NO_COLOR` is set.
    case auto
    /// Not at all.
    case never
}
