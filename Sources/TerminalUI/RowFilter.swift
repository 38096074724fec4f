internal import Reports
internal import TCPState
internal import Wire

/// Which connections to show: words that must all hold.
///
/// `state:close-wait` either end, in any spelling · `port:443` · `host:10.0.0.5`, or the beginning of an
/// address · `age>60s`, `age<5m` in its state · `retrans>3` · `process:nginx` · `stuck` · `!` before any
/// of them · any other word: anywhere in the line.
public struct RowFilter: Sendable {
    private struct Term: Sendable {
        let isNegated: Bool
        let test: @Sendable (ConnectionRow) -> Bool
    }

    /// The words, as they were typed.
    public let text: String
    private let terms: [Term]

    /// Shows everything.
    public static let all = RowFilter(text: "", terms: [])

    private init(text: String, terms: [Term]) {
        self.text = text
        self.terms = terms
    }

    /// Reads the words.
    ///
    /// - Throws: ``Mistake``, which names the word at fault.
    public init(_ text: String) throws(Mistake) {
        var terms: [Term] = []
        for word in text.split(separator: " ") {
            let isNegated = word.hasPrefix("!")
            let bare = String(isNegated ? word.dropFirst() : word)
            guard !bare.isEmpty, let test = RowFilter.test(bare) else {
                throw Mistake(word: String(word))
            }
            terms.append(Term(isNegated: isNegated, test: test))
        }
        self.init(text: text, terms: terms)
    }

    /// A word that means nothing.
    public struct Mistake: Error, Hashable {
        /// The word.
        public let word: String
    }

    /// Whether the connection is to be shown.
    public func shows(_ row: ConnectionRow) -> Bool {
        terms.allSatisfy { $0.test(row) != $0.isNegated }
    }

    private static func test(_ word: String) -> (@Sendable (ConnectionRow) -> Bool)? {
        if word == "stuck" { return { $0.trouble != nil } }
        for name in ["age", "retrans"] where word.hasPrefix(name) {
            let rest = word.dropFirst(name.count)
            guard let sign = rest.first, sign == ">" || sign == "<" else { continue }
            let isAbove = sign == ">"
            if name == "age" {
                guard let limit = span(rest.dropFirst()) else { return nil }
                return { ($0.age > limit) == isAbove }
            }
            guard let limit = UInt64(rest.dropFirst()) else { return nil }
            return { ($0.retransmissions > limit) == isAbove }
        }
        guard let colon = word.firstIndex(of: ":"), !word.hasPrefix("[") else {
            return anywhere(word)
        }
        let value = String(word[word.index(after: colon)...])
        switch word[..<colon] {
        case "state":
            guard let state = StateGuide.state(named: value) else { return nil }
            return { $0.client.state == state || $0.server.state == state }
        case "port":
            guard let port = UInt16(value) else { return nil }
            return { $0.client.port == port || $0.server.port == port }
        case "host":
            guard !value.isEmpty else { return nil }
            if let address = Address(value) {
                return { $0.client.address == address || $0.server.address == address }
            }
            return {
                $0.client.address.description.hasPrefix(value)
                    || $0.server.address.description.hasPrefix(value)
            }
        case "process":
            guard !value.isEmpty else { return nil }
            return { $0.process?.contains(value) ?? false }
        default: return anywhere(word)
        }
    }

    private static func anywhere(_ word: String) -> @Sendable (ConnectionRow) -> Bool {
        { row in row.words.contains { $0.contains(word) } }
    }

    /// `60s`, `500ms`, `5m`, `2h`; seconds without a unit.
    private static func span(_ text: Substring) -> TimeSpan? {
        let digits = text.prefix { $0.isNumber }
        let units: [Substring: TimeSpan] = [
            "": .seconds(1), "s": .seconds(1), "ms": .milliseconds(1), "m": .seconds(60),
            "h": .seconds(3600),
        ]
        guard let unit = units[text.dropFirst(digits.count)], let number = Int(digits),
            number < 1_000_000
        else { return nil }
        return number * unit
    }
}
