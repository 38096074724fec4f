public import Wire

/// The community ID of a flow, version 1: the same text in Zeek, Suricata, Arkime and ECS.
///
/// "1:" and the Base64 of a SHA-1 over seed, ordered addresses, protocol and ordered ports (community-id-spec, version 1).
public enum CommunityID {
    /// The ID of a TCP connection, the same for both directions. O(1).
    ///
    /// - Parameter seed: keeps the IDs of different networks apart; 0 where nothing else was agreed.
    public static func tcp(
        _ a: (address: Address, port: UInt16), _ b: (address: Address, port: UInt16),
        seed: UInt16 = 0
    ) -> String {
        var text: [UInt8] = []
        append(tcp: a, b, seed: seed, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the ID in UTF-8.
    public static func append(
        tcp a: (address: Address, port: UInt16), _ b: (address: Address, port: UInt16),
        seed: UInt16 = 0, to text: inout [UInt8]
    ) {
        let (low, high) = ordered(a, b)
        var bytes = DigestInput()
        bytes.append(seed)
        bytes.append(low.address)
        bytes.append(high.address)
        bytes.append(UInt8(6))
        bytes.append(UInt8(0))
        bytes.append(low.port)
        bytes.append(high.port)
        text.append(contentsOf: "1:".utf8)
        appendBase64(sha1(bytes).span, to: &text)
    }
}
