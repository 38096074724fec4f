public import TCPState
public import Wire

/// One or both ends of a connection: `10.1.1.105:40423`, `10.1.1.105:40423 → [2001:db8::2]:8080`.
public struct ConnectionEnds: Sendable {
    /// As it was written.
    public let text: String
    private var ends: [(address: Address, port: UInt16)]

    /// Reads one end or two.
    public init(_ argument: String) throws(ArgumentFailure) {
        let separators: Set<Character> = [" ", ",", "→", ">"]
        let words = argument.split { separators.contains($0) }.filter { $0 != "-" }
        ends = words.compactMap(ConnectionEnds.end)
        text = argument
        guard 1...2 ~= ends.count, ends.count == words.count else {
            throw ArgumentFailure(
                "expected 'ADDRESS:PORT' or 'ADDRESS:PORT ADDRESS:PORT', IPv6 addresses in brackets"
            )
        }
    }

    /// The same with other addresses.
    public func replacingAddresses(_ replacement: (Address) -> Address) -> ConnectionEnds {
        var copy = self
        copy.ends = ends.map { (replacement($0.address), $0.port) }
        return copy
    }

    /// Whether a connection has these ends.
    public func matches(_ record: ConnectionRecord) -> Bool { matches(record.key) }

    /// Whether a connection's key has these ends.
    public func matches(_ key: FlowKey) -> Bool {
        func has(_ end: (address: Address, port: UInt16), _ side: Side) -> Bool {
            end.address == key.address(side) && end.port == key.port(side)
        }
        guard let first = ends.first, let last = ends.last else { return false }
        if ends.count == 1 { return has(first, .low) || has(first, .high) }
        return has(first, .low) && has(last, .high) || has(first, .high) && has(last, .low)
    }

    /// An end; nil for anything else.
    private static func end(_ word: Substring) -> (Address, UInt16)? {
        guard let colon = word.lastIndex(of: ":"),
            let port = UInt16(word[word.index(after: colon)...])
        else { return nil }
        let name = word[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        return Address(name).map { ($0, port) }
    }
}
