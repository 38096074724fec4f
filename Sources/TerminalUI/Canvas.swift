internal import Reports

/// How a cell of the screen looks.
public struct Style: OptionSet, Hashable, Sendable {
    /// One bit per property.
    public let rawValue: UInt8

    /// Wraps the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bold.
    public static let strong = Style(rawValue: 1)
    /// Faint.
    public static let faint = Style(rawValue: 2)
    /// Foreground and background exchanged.
    public static let reversed = Style(rawValue: 4)
    /// Red.
    public static let bad = Style(rawValue: 8)
    /// Yellow.
    public static let odd = Style(rawValue: 16)
    /// Green.
    public static let good = Style(rawValue: 32)

    /// The colours, which `NO_COLOR` forbids.
    static let colours: Style = [.bad, .odd, .good]

    /// The control sequence that sets the style and no other. ECMA-48, section 8.3.117 (SGR).
    var sequence: String {
        let codes: [(Style, String)] = [
            (.strong, "1"), (.faint, "2"), (.reversed, "7"), (.bad, "31"), (.odd, "33"),
            (.good, "32"),
        ]
        return "\u{1b}[" + (["0"] + codes.filter { contains($0.0) }.map(\.1)).joined(separator: ";")
            + "m"
    }
}

/// A screen in memory: rows of cells, each one character wide. What lies outside is cut off.
public struct Canvas: Equatable, Sendable {
    /// One character and its style.
    struct Cell: Equatable, Sendable {
        var character: Character = " "
        var style: Style = []
    }

    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int
    private var cells: [Cell]

    /// An empty screen.
    public init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
        cells = Array(repeating: Cell(), count: self.width * self.height)
    }

    /// Writes text at a place; what would disturb a terminal is shown as `?`. Returns the column after it.
    @discardableResult
    public mutating func put(_ text: String, x: Int, y: Int, _ style: Style = []) -> Int {
        var x = x
        guard y >= 0, y < height else { return x }
        for character in text {
            if x >= 0, x < width {
                let isPrintable = character.unicodeScalars.allSatisfy(\.isVisible)
                cells[y * width + x] = Cell(character: isPrintable ? character : "?", style: style)
            }
            x += 1
        }
        return x
    }

    /// Adds a style to a whole row.
    public mutating func paint(row y: Int, _ style: Style) {
        guard y >= 0, y < height else { return }
        for x in 0..<width { cells[y * width + x].style.formUnion(style) }
    }

    /// The rows as text, without the blanks at their ends.
    public var lines: [String] {
        (0..<height).map { y in
            var line = cells[(y * width)..<((y + 1) * width)].map(\.character)
            while line.last == " " { line.removeLast() }
            return String(line)
        }
    }

    /// What to send to a terminal that shows `old`, so that it shows this: only what differs, so that
    /// nothing flickers. Everything where the size differs.
    public func update(from old: Canvas?, colours: Bool) -> String {
        let isSameSize = old?.width == width && old?.height == height
        var text = isSameSize ? "" : "\u{1b}[0m\u{1b}[2J"
        var style: Style?
        for y in 0..<height {
            var x = 0
            while x < width {
                let index = y * width + x
                let before = isSameSize ? old?.cells[index] : Cell()
                if cells[index] == before {
                    x += 1
                    continue
                }
                // CUP, ECMA-48, section 8.3.21: rows and columns count from 1.
                text += "\u{1b}[\(y + 1);\(x + 1)H"
                while x < width,
                    cells[y * width + x] != (isSameSize ? old?.cells[y * width + x] : Cell())
                {
                    let cell = cells[y * width + x]
                    let wanted = colours ? cell.style : cell.style.subtracting(.colours)
                    if wanted != style {
                        text += wanted.sequence
                        style = wanted
                    }
                    text.append(cell.character)
                    x += 1
                }
            }
        }
        return style == nil ? text : text + "\u{1b}[0m"
    }
}
