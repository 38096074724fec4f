internal import CCrypto
internal import Wire

/// The algorithm, looked up once: that takes longer than the hash of a few bytes. Nobody changes it.
nonisolated(unsafe) private let sha1Algorithm =
    unsafe EVP_MD_fetch(nil, "SHA1", nil) ?? EVP_sha1()

/// The SHA-1 of some bytes. The corresponding C function is OpenSSL's `EVP_Digest`.
func sha1(_ bytes: DigestInput) -> InlineArray<20, UInt8> {
    var digest = InlineArray<20, UInt8>(repeating: 0)
    var output = digest.mutableSpan
    unsafe bytes.bytes.span.withUnsafeBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { output in
            _ = unsafe EVP_Digest(
                input.baseAddress, bytes.count, output.baseAddress, nil, sha1Algorithm, nil)
        }
    }
    return digest
}

/// The bytes that a name of a connection is a hash of: 48 at most, without an allocation.
struct DigestInput {
    fileprivate var bytes = InlineArray<48, UInt8>(repeating: 0)
    fileprivate var count = 0

    /// Appends a number, the highest byte first.
    mutating func append(_ number: some FixedWidthInteger) {
        var shift = number.bitWidth
        while shift > 0 {
            shift -= 8
            bytes[count] = UInt8(truncatingIfNeeded: number >> shift)
            count += 1
        }
    }

    /// Appends an address as it stands in a packet: 4 or 16 bytes.
    mutating func append(_ address: Address) {
        if address.isIPv4 {
            append(UInt32(truncatingIfNeeded: address.low))
        } else {
            append(address.high)
            append(address.low)
        }
    }
}

/// The hash of a script or a style sheet, as a content security policy names it.
public enum ContentHash {
    /// `sha256-` and the Base64 of a SHA-256. CSP level 3, section 2.3.1. The corresponding C function is OpenSSL's `SHA256`.
    public static func sha256(_ text: String) -> String {
        "sha256-" + base64(Hashing.sha256(Array(text.utf8)))
    }
}

/// The SHA-256 of some bytes: 32 bytes. The corresponding C function is OpenSSL's `SHA256`.
public func sha256(_ bytes: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
        _ = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe SHA256(input.baseAddress, input.count, digest.baseAddress)
        }
        count = Int(SHA256_DIGEST_LENGTH)
    }
}

/// Base64 with padding. RFC 4648, section 4.
func base64(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    appendBase64(bytes.span, to: &text)
    return String(decoding: text, as: UTF8.self)
}

/// The same, appended in UTF-8. The corresponding C function is OpenSSL's `EVP_EncodeBlock`.
func appendBase64(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
    text.append(addingCapacity: (bytes.count + 2) / 3 * 4 + 1) { output in
        unsafe output.withUnsafeMutableBufferPointer { output, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                // It ends the text with a zero that is not counted.
                count = Int(
                    unsafe EVP_EncodeBlock(
                        output.baseAddress, input.baseAddress, Int32(input.count)))
            }
        }
    }
}

/// An end of a connection.
typealias End = (address: Address, port: UInt16)

/// The smaller end first, so that both directions give the same bytes.
func ordered(_ a: End, _ b: End) -> (low: End, high: End) {
    (a.address, a.port) < (b.address, b.port) ? (a, b) : (b, a)
}
