/// Where a server listens: `127.0.0.1:9464`, `[::1]:9464`.
public struct ListenAddress: Sendable, Hashable {
    /// The address, without brackets.
    public let host: String
    /// The port; 0 to be given one.
    public let port: UInt16

    /// Reads an address and a port, both of them needed.
    ///
    /// - Returns: nil where there is no port, or the address is a name.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        if host == "localhost" { host = "127.0.0.1" }
        guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == "." || $0 == ":" }) else {
            return nil
        }
        self.host = String(host)
        self.port = port
    }

    /// The address with a port, as a URL has them.
    public func text(port: UInt16) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Whether nobody outside of this machine can reach it.
    public var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }
}
