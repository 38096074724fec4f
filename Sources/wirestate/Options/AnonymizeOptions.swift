import Analysis
import ArgumentParser
import Arguments
import Synchronization
import Wire

/// The flags that hide the addresses of what is sent to others.
struct AnonymizeOptions: ParsableArguments {
    @Flag(
        help: """
            Replace each IP address with one of a documentation or reserved network; equal prefixes stay equal. \
            --evidence then keeps only the headers of IP and TCP.
            """)
    var anonymize = false

    @Option(
        help: ArgumentHelp(
            """
            As --anonymize, with the key in this file, such as 32 bytes of /dev/urandom: runs with the same key \
            give the same addresses, provided that their captures have the same IPv4 networks.
            """, valueName: "file"))
    var anonymizeKey: AnonymizationKey?

    /// Whether addresses are to be replaced.
    var isAskedFor: Bool { anonymize || anonymizeKey != nil }

    /// The replacement of this run: one, however often it is asked for; nil where addresses stay.
    func mask(for options: AnalysisOptions) -> AddressMask? {
        guard isAskedFor else { return nil }
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
