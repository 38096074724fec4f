internal import POSIX

/// The secret that clients must send, from the first line of a file that not everybody may read.
public struct AccessToken: Sendable {
    /// Why a file has none.
    public enum Failure: Error, Hashable, Sendable {
        case unreadable(String)
        case notRegular
        /// Everybody may read it.
        case isPublic
        /// Its first line is too short, or has other bytes than printable ones.
        case notToken

        /// Why, and what to do.
        public var reason: String {
            switch self {
            case .unreadable(let reason): reason
            case .notRegular: "is not a regular file"
            case .isPublic: "is readable by everyone: chmod o-rwx"
            case .notToken:
                "the first line is not a token: \(AccessToken.shortest) or more printable characters without spaces"
            }
        }
    }

    /// The token.
    public let text: String

    /// The shortest token that is taken.
    private static let shortest = 16
    /// The most bytes of the file that are read.
    private static let limit = 4096

    /// Reads the token.
    public init(file path: String) throws(Failure) {
        let file: SecretFile
        do { file = try SecretFile(path, atMost: AccessToken.limit) } catch {
            throw .unreadable(error.reason)
        }
        guard file.isRegular else { throw .notRegular }
        guard !file.isPublic else { throw .isPublic }
        let line = file.bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard line.count >= AccessToken.shortest, line.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .notToken }
        text = String(decoding: line, as: UTF8.self)
    }
}
