/// A request that the server has accepted: GET or HEAD, from a host and with a token that it takes.
public struct HTTPRequest: Sendable {
    /// The path as it was sent, without the query: nothing in it is decoded.
    public let path: String
    /// The fields of the query, decoded; of several with one name, the first.
    public let query: [String: String]
    /// The media types that the client takes, as it sent them.
    public let accept: String

    /// Joins the parts.
    public init(path: String, query: [String: String] = [:], accept: String = "") {
        self.path = path
        self.query = query
        self.accept = accept
    }

    /// Takes a request target in origin form apart. RFC 9112, section 3.2.1.
    ///
    /// - Returns: nil for any other form, and where the query is not UTF-8 by percent-encoding.
    public init?(target: String, accept: String) {
        guard target.utf8.first == UInt8(ascii: "/") else { return nil }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        for field in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = HTTPRequest.decoded(pair[0]),
                let value = HTTPRequest.decoded(pair.count > 1 ? pair[1] : "")
            else { return nil }
            if query[name] == nil { query[name] = value }
        }
        self.init(path: String(parts[0]), query: query, accept: accept)
    }

    /// A name or value of a form: `+` is a space, `%41` is an octet. Nil where it is neither that nor UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy({ isHexDigit($0) }),
                    let value = UInt8(Substring(digits), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit
    }
}
