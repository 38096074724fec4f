public import Diagnosis
public import TCPState
public import Wire

/// Which connections to show: words that must all hold, the same for files and on the screen.
///
/// `state:close-wait` either end, in any spelling · `port:443` · `host:10.0.0.5`, a prefix such as
/// `10.0.0.0/8`, or the beginning of an address · `kind:refused`, a diagnosis · `fault:server` ·
/// `process:nginx` · `age>60s`, `age<5m` in its state · `bytes>10k` · `retrans>3` · `stuck` · `!` before any
/// of them turns it round. A state, a diagnosis, an address or `ADDRESS:PORT` alone means itself.
public struct ConnectionFilter: Sendable {
    struct Term: Sendable {
        let isNegated: Bool
        let test: Test
    }

    /// The words, as they were typed.
    public let text: String
    let terms: [Term]

    /// Shows everything.
    public static let all = ConnectionFilter(text: "", terms: [])

    private init(text: String, terms: [Term]) {
        self.text = text
        self.terms = terms
    }

    /// Reads the words.
    ///
    /// - Throws: ``Mistake``, which names the word at fault and what would be right.
    public init(_ text: String) throws(Mistake) {
        var terms: [Term] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            let isNegated = word.hasPrefix("!")
            let bare = isNegated ? word.dropFirst() : word
            terms.append(Term(isNegated: isNegated, test: try Test(bare)))
        }
        self.init(text: text, terms: terms)
    }

    /// Whether it asks for the program that holds a socket.
    public var asksForProcess: Bool {
        terms.contains { if case .process = $0.test { true } else { false } }
    }

    /// Whether it shows everything.
    public var isAll: Bool { terms.isEmpty }

    /// Whether a connection is to be shown.
    public func shows(_ connection: some FilteredConnection) -> Bool {
        terms.allSatisfy { $0.test.holds(for: connection) != $0.isNegated }
    }

    /// The words that there are, for help and error messages.
    public static let words =
        "state: port: host: kind: fault: process: age> age< bytes> bytes< retrans> retrans< stuck"

    /// A word that means nothing.
    public struct Mistake: Error, Hashable, CustomStringConvertible {
        /// The word.
        public let word: String
        /// What would be right.
        public let expected: String

        /// `'age>x': a length of time, such as 60s or 5m`.
        public var description: String { "'\(word.visible)': expected \(expected)" }
    }
}

/// What a filter asks of a connection.
public protocol FilteredConnection {
    /// The state of an end.
    func state(_ role: Role) -> State
    /// The address of an end.
    func address(_ role: Role) -> Address
    /// The port of an end.
    func port(_ role: Role) -> UInt16
    /// What is the matter with it.
    var findings: [Finding] { get }
    /// Whether an end waits for the other, and it needs an action.
    var isStuck: Bool { get }
    /// The time since either end's state changed last, or since the trouble began.
    var age: TimeSpan { get }
    /// Payload bytes of both ends.
    var bytes: UInt64 { get }
    /// Retransmitted segments of both ends.
    var retransmissions: UInt64 { get }
    /// The local program that holds the socket, where it is known.
    var process: String? { get }
}
