internal import Hashing
internal import POSIX

/// A key from a file, which is read once.
public struct AnonymizationKey: Sendable {
    /// 128 bits of the SHA-256 of the file; nil where there is a ``failure``.
    public let key: (UInt64, UInt64)?
    /// Why there is none.
    public let failure: String?

    /// Shorter ones can be tried one after the other.
    private static let shortest = 16

    /// Reads the file.
    public init(file argument: String) {
        do throws(SystemError) {
            let bytes = try readFile(argument, atMost: 1 << 16)
            guard bytes.count >= AnonymizationKey.shortest else {
                key = nil
                failure =
                    "\(argument): a key must have at least 16 bytes, such as 32 of /dev/urandom"
                return
            }
            let digest = sha256(bytes)
            let half = { (bytes: ArraySlice<UInt8>) in
                bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            key = (half(digest[..<8]), half(digest[8..<16]))
            failure = nil
        } catch {
            key = nil
            failure = "\(argument): \(error.reason)"
        }
    }
}
