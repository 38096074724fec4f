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
        let (low, high) = ordered(a, b)
        var bytes: [UInt8] = []
        for end in [low, high] {
            bytes.append(big: end.address.high)
            bytes.append(big: end.address.low)
            bytes.append(big: end.port)
        }
        bytes.append(big: first.nanoseconds)
        let digest = sha1(bytes)
        var words = [halfWord(digest[0..<7]), halfWord(digest[7..<14])]
        var text = [UInt8(ascii: "C")]
        text.reserveCapacity(18)
        for index in 0..<17 {
            // Seven bytes hold nine digits of base 62 and a rest.
            let word = index < 9 ? 0 : 1
            text.append(digits[Int(words[word] % 62)])
            words[word] /= 62
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private static func halfWord(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
