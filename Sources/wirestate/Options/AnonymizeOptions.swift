import Analysis
import ArgumentParser
import Hashing
import POSIX
import Synchronization
import Wire

/// The flags that hide the addresses of what is sent to others.
struct AnonymizeOptions: ParsableArguments {
    @Flag(
        help: """
            Replace each IP address by one of a documentation or reserved network; equal prefixes stay equal. Of \
            --evidence, keep only the headers of IP and TCP.
            """)
    var anonymize = false

    @Option(
        help: ArgumentHelp(
            """
            The same by a key, such as 32 bytes of /dev/urandom: runs with one key agree, as far as their captures \
            have the same IPv4 networks.
            """, valueName: "file"))
    var anonymizeKey: AnonymizationKey?

    /// The replacement of this run: one, however often it is asked for; nil where addresses stay.
    func mask(for options: AnalysisOptions) -> AddressMask? {
        guard anonymize || anonymizeKey != nil else { return nil }
        return runMask.withLock { mask in
            if let mask { return mask }
            var random = SystemRandomNumberGenerator()
            let key = anonymizeKey?.key ?? (random.next(), random.next())
            let made = AddressMask(key: key, for: options)
            mask = made
            return made
        }
    }

    func validate() throws {
        if let failure = anonymizeKey?.failure {
            throw ValidationError("--anonymize-key \(failure)")
        }
    }
}

private let runMask = Mutex<AddressMask?>(nil)

/// A key from a file, which is read once.
struct AnonymizationKey: ExpressibleByArgument {
    /// 128 bits of the SHA-256 of the file; nil where there is a ``failure``.
    let key: (UInt64, UInt64)?
    /// Why there is none.
    let failure: String?

    /// Shorter ones can be tried one after the other.
    private static let shortest = 16

    init?(argument: String) {
        do throws(SystemError) {
            let bytes = try readFile(argument, atMost: 1 << 16)
            guard bytes.count >= AnonymizationKey.shortest else {
                key = nil
                failure = "\(argument): a key has 16 bytes or more, such as 32 of /dev/urandom"
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
