import Glibc

/// What keeps a benchmark from running.
enum BenchmarkError: Error {
    /// A system call failed: its name, the file, `errno`.
    case system(String, String, Int32)
    /// libpcap refused a file, in its words.
    case libpcap(String, String)
    /// A file ends within a record, or is no classic pcap of this machine's byte order.
    case broken(String, offset: Int)
    /// The arguments make no sense.
    case usage(String)
}

extension BenchmarkError: CustomStringConvertible {
    var description: String {
        switch self {
        case .system(let call, let path, let number):
            "\(path): \(call): \(unsafe String(cString: strerror(number)))"
        case .libpcap(let path, let text): text.hasPrefix(path) ? text : "\(path): \(text)"
        case .broken(let path, let offset):
            "\(path): no classic pcap record of this byte order at byte \(offset)"
        case .usage(let text): "\(text)\n\(Benchmarks.usage)"
        }
    }
}
