public import Wire

/// A name for one connection that is the same in every run, every format and every shard.
public enum ConnectionUID {
    /// `C` and 17 letters and digits, the form of Zeek's `uid`: from the first 101 bits of a SHA-1 over both ends and the time
    /// of the first segment. O(1).
    ///
    /// - Parameter first: the time of the connection's first segment.
    public static func text(
        _ a: (address: Address, port: UInt16), _ b: (address: Address, port: UInt16),
        first: Timestamp
    ) -> String {
        var text: [UInt8] = []
        append(a, b, first: first, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the name in UTF-8.
    public static func append(
        _ a: (address: Address, port: UInt16), _ b: (address: Address, port: UInt16),
        first: Timestamp, to text: inout [UInt8]
    ) {
        let (low, high) = ordered(a, b)
        var bytes = DigestInput()
        append(low, to: &bytes)
        append(high, to: &bytes)
        bytes.append(first.nanoseconds)
        let digest = sha1(bytes)
        // Seven bytes hold nine digits of base 62 and a rest.
        var (high7, low7): (UInt64, UInt64) = (0, 0)
        for index in 0..<7 {
            high7 = high7 << 8 | UInt64(digest[index])
            low7 = low7 << 8 | UInt64(digest[index + 7])
        }
        text.append(UInt8(ascii: "C"))
        append(high7, digits: 9, to: &text)
        append(low7, digits: 8, to: &text)
    }

    private static func append(_ end: End, to bytes: inout DigestInput) {
        bytes.append(end.address.high)
        bytes.append(end.address.low)
        bytes.append(end.port)
    }

    private static func append(_ number: UInt64, digits count: Int, to text: inout [UInt8]) {
        var rest = number
        for _ in 0..<count {
            text.append(digits[Int(rest % 62)])
            rest /= 62
        }
    }

    private static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
}
