/// Who may ask: by the host that a request names, and by a token.
public struct AccessPolicy: Sendable {
    private let token: [UInt8]?
    private let names: Set<String>
    private let isLoopback: Bool

    /// - Parameters:
    ///   - isLoopback: whether the server listens on a loopback address only.
    ///   - token: what a client has to show; nil for nothing.
    ///   - names: host names, in lower case, under which it may be asked beside its addresses: a page of another site
    ///     whose name leads here by DNS (rebinding) is refused.
    public init(isLoopback: Bool, token: String?, names: Set<String> = []) {
        self.isLoopback = isLoopback
        self.token = token.map { Array($0.utf8) }
        self.names = names
    }

    /// Whether a `Host` header names this server: RFC 9110, section 7.2.
    func accepts(host: String) -> Bool {
        guard let name = AccessPolicy.name(of: host) else { return false }
        if name == "localhost" || names.contains(name) { return true }
        if name == "[::1]" || AccessPolicy.isIPv4(name) && name.hasPrefix("127.") { return true }
        // Nobody can make an address lead elsewhere, as one can a name.
        return !isLoopback && (AccessPolicy.isIPv4(name) || AccessPolicy.isIPv6(name))
    }

    /// The host without its port, in lower case; nil where it is none.
    private static func name(of host: String) -> String? {
        let end =
            host.hasPrefix("[")
            ? host.firstIndex(of: "]").map { host.index(after: $0) } : host.firstIndex(of: ":")
        let name = host[..<(end ?? host.endIndex)]
        let port = host[(end ?? host.endIndex)...]
        guard !name.isEmpty, port.isEmpty || port.first == ":" && UInt16(port.dropFirst()) != nil
        else { return nil }
        return name.lowercased()
    }

    private static func isIPv4(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8(part) != nil
            }
    }

    private static func isIPv6(_ name: String) -> Bool {
        guard name.hasPrefix("["), name.hasSuffix("]"), name.contains(":") else { return false }
        return name.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }

    /// Whether an `Authorization` header shows the token: as `Bearer TOKEN` (RFC 6750), or for browsers as the password
    /// of `Basic` (RFC 7617), with any user name.
    func accepts(authorization: String?) -> Bool {
        guard let token else { return true }
        let parts = (authorization ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return false }
        switch parts[0].lowercased() {
        case "bearer": return AccessPolicy.isEqual(Array(parts[1].utf8), token)
        case "basic":
            let credentials = Base64.decoded(parts[1]) ?? []
            guard let colon = credentials.firstIndex(of: UInt8(ascii: ":")) else { return false }
            return AccessPolicy.isEqual(Array(credentials[(colon + 1)...]), token)
        default: return false
        }
    }

    /// Compares in a time that depends on the length of what was sent alone.
    static func isEqual(_ sent: [UInt8], _ token: [UInt8]) -> Bool {
        var difference = UInt8(sent.count == token.count && !token.isEmpty ? 0 : 1)
        for (index, byte) in sent.enumerated() {
            difference |= byte ^ (token.isEmpty ? 0 : token[index % token.count])
        }
        return difference == 0
    }
}

/// RFC 4648, section 4.
enum Base64 {
    /// The octets; nil where the text is not canonical Base64.
    static func decoded(_ text: Substring) -> [UInt8]? {
        let digits = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        guard text.utf8.count % 4 == 0, text.utf8.count - digits.count <= 2,
            text.utf8.dropFirst(digits.count).allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        var bytes: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
