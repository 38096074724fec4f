internal import Diagnosis
internal import TCPState
internal import Wire

extension ConnectionFilter {
    /// One condition.
    enum Test: Sendable {
        case state(State)
        case port(UInt16)
        case host(AddressSet)
        case hostPrefix(String)
        case end(Address, UInt16)
        case kind(Diagnosis)
        case fault(Fault)
        case process(String)
        case stuck
        case number(Quantity, isAbove: Bool, limit: UInt64)
    }

    /// What is compared with a number.
    enum Quantity: String, CaseIterable, Sendable {
        /// Nanoseconds.
        case age
        /// Payload.
        case bytes
        /// Segments.
        case retrans
    }
}

extension ConnectionFilter.Test {
    private typealias Mistake = ConnectionFilter.Mistake

    /// Reads a word.
    init(_ word: Substring) throws(ConnectionFilter.Mistake) {
        if word == "stuck" {
            self = .stuck
        } else if let comparison = try ConnectionFilter.Test.comparison(word) {
            self = comparison
        } else if let named = try ConnectionFilter.Test.named(word) {
            self = named
        } else if let value = ConnectionFilter.Test.value(word) {
            self = value
        } else {
            throw Mistake(
                word: String(word),
                expected: "\(ConnectionFilter.words), a state, a kind of finding, or an address")
        }
    }

    /// `age>60s`, `bytes<10k`; nil for anything else.
    private static func comparison(
        _ word: Substring
    ) throws(ConnectionFilter.Mistake) -> ConnectionFilter.Test? {
        for quantity in ConnectionFilter.Quantity.allCases
        where word.hasPrefix(quantity.rawValue) {
            let rest = word.dropFirst(quantity.rawValue.utf8.count)
            guard let sign = rest.first, sign == ">" || sign == "<" else { continue }
            let number = rest.dropFirst()
            guard let limit = quantity.limit(number) else {
                throw Mistake(word: String(word), expected: quantity.expected)
            }
            return .number(quantity, isAbove: sign == ">", limit: limit)
        }
        return nil
    }

    /// `state:close-wait`; nil for a word without such a name.
    private static func named(
        _ word: Substring
    ) throws(ConnectionFilter.Mistake) -> ConnectionFilter.Test? {
        guard let colon = word.firstIndex(of: ":") else { return nil }
        let value = String(word[word.index(after: colon)...])
        func fail(_ expected: String) -> Mistake {
            Mistake(word: String(word), expected: expected)
        }
        switch word[..<colon] {
        case "state":
            guard let state = StateGuide.state(named: value) else {
                throw fail(State.allCases.map { $0.name() }.joined(separator: ", "))
            }
            return .state(state)
        case "port":
            guard let port = UInt16(value) else { throw fail("a port, 0 to 65535") }
            return .port(port)
        case "host":
            var addresses = AddressSet()
            if addresses.add(value) { return .host(addresses) }
            let isBeginning = value.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
            guard !value.isEmpty, isBeginning else {
                throw fail(
                    "an address, a prefix such as 10.0.0.0/8, or the beginning of an address")
            }
            return .hostPrefix(value.lowercased())
        case "kind":
            guard let kind = Diagnosis(named: value) else {
                throw fail(Diagnosis.allCases.map(\.name).joined(separator: ", "))
            }
            return .kind(kind)
        case "fault":
            guard let fault = Fault(named: value) else {
                throw fail(Fault.allCases.map(\.words).joined(separator: ", "))
            }
            return .fault(fault)
        case "process":
            guard !value.isEmpty else { throw fail("a part of a program's name") }
            return .process(value)
        default: return nil
        }
    }

    /// A state, a kind or an address alone; nil for anything else.
    private static func value(_ word: Substring) -> ConnectionFilter.Test? {
        if let state = StateGuide.state(named: String(word)) { return .state(state) }
        if let kind = Diagnosis(named: String(word)) { return .kind(kind) }
        var addresses = AddressSet()
        if addresses.add(word) { return .host(addresses) }
        guard let colon = word.lastIndex(of: ":"),
            let port = UInt16(word[word.index(after: colon)...])
        else { return nil }
        let host = word[..<colon]
        if host.isEmpty { return .port(port) }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard let address = Address(isBracketed ? host.dropFirst().dropLast() : host),
            isBracketed != address.isIPv4
        else { return nil }
        return .end(address, port)
    }

    /// Whether it holds for a connection.
    func holds(for connection: some FilteredConnection) -> Bool {
        switch self {
        case .state(let state): Role.allCases.contains { connection.state($0) == state }
        case .port(let port): Role.allCases.contains { connection.port($0) == port }
        case .host(let addresses):
            Role.allCases.contains { addresses.contains(connection.address($0)) }
        case .hostPrefix(let text):
            Role.allCases.contains { connection.address($0).description.hasPrefix(text) }
        case .end(let address, let port):
            Role.allCases.contains {
                connection.address($0) == address && connection.port($0) == port
            }
        case .kind(let kind):
            connection.findings.contains {
                $0.diagnosis == kind || $0.diagnosis.otherName == kind.name
            }
        case .fault(let fault): connection.findings.contains { $0.fault == fault }
        case .process(let name): connection.process?.contains(name) ?? false
        case .stuck: connection.isStuck
        case .number(.age, let isAbove, let limit):
            ConnectionFilter.Test.compare(
                UInt64(clamping: connection.age.nanoseconds), isAbove: isAbove, limit)
        case .number(.bytes, let isAbove, let limit):
            ConnectionFilter.Test.compare(connection.bytes, isAbove: isAbove, limit)
        case .number(.retrans, let isAbove, let limit):
            ConnectionFilter.Test.compare(connection.retransmissions, isAbove: isAbove, limit)
        }
    }

    private static func compare(_ number: UInt64, isAbove: Bool, _ limit: UInt64) -> Bool {
        isAbove ? number > limit : number < limit
    }
}

extension ConnectionFilter.Quantity {
    /// What a number of it looks like.
    var expected: String {
        switch self {
        case .age: "a length of time, such as 60s, 500ms, 5m or 2h"
        case .bytes: "a number of bytes, such as 1500, 10k or 5M"
        case .retrans: "a number of segments"
        }
    }

    /// The number of a text with its unit: seconds and bytes without one. Nil for anything else.
    func limit(_ text: Substring) -> UInt64? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = text.dropFirst(digits.count)
        guard let number = UInt64(digits), let factor = factor(unit) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    private func factor(_ unit: Substring) -> UInt64? {
        switch (self, unit) {
        case (.age, ""), (.age, "s"): 1_000_000_000
        case (.age, "ms"): 1_000_000
        case (.age, "m"): 60_000_000_000
        case (.age, "h"): 3_600_000_000_000
        case (.age, "d"): 86_400_000_000_000
        case (.bytes, ""), (.retrans, ""): 1
        case (.bytes, "k"), (.bytes, "K"): 1_000
        case (.bytes, "M"): 1_000_000
        case (.bytes, "G"): 1_000_000_000
        default: nil
        }
    }
}
