public import Capture
public import Diagnosis
import Glibc
public import TCPState
public import Wire

/// What an analysis reads, and how.
public struct AnalysisOptions: Sendable {
    /// Paths of capture files, merged by time; `-` is standard input.
    public var files: [String]
    /// A capture filter in the language of pcap-filter(7); nil for all frames.
    public var filter: String?
    /// Who reads the files.
    public var backend = CaptureReader.Backend.automatic
    /// The timers of the hosts' TCP stacks.
    public var profile = StackProfile.linux
    /// The most connections to keep at once. A full table evicts closed ones first.
    public var connectionLimit = 1 << 20
    /// Threads that share the connections; nil to choose by the number of processors and the files' size.
    public var threads: Int?
    /// Whether to wait for the files to grow, until SIGINT or SIGTERM.
    public var follow = false
    /// Whether to verify every frame's checksums, which reads all of it.
    public var verifiesChecksums = false
    /// Where the capture was taken; nil to find out.
    public var vantage: Vantage?
    /// Replaces the addresses in all results; nil to leave them as they are.
    public private(set) var mask: AddressMask?
    /// The addresses of the host on which the capture was taken, as results have them.
    public var localAddresses: AddressSet = []
    /// Is told of progress, about every 16,000 frames and at the end. Never by two threads at once, but not
    /// always by the same one.
    public var onProgress: (@Sendable (ReadProgress) -> Void)?

    /// The default options for some files.
    public init(files: [String]) { self.files = files }

    /// Replaces the addresses in all results.
    public mutating func anonymize(by mask: AddressMask) {
        self.mask = mask
        localAddresses = localAddresses.replacingAddresses { mask[$0] }
    }

    /// What results have for an address of the capture.
    public func replacement(of address: Address) -> Address { mask?[address] ?? address }

    /// How many threads to use at most.
    public var threadCount: Int {
        threads ?? max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// Whether the capture is known to have been taken on the host of an end.
    public func isNear(_ record: ConnectionRecord, _ side: Side) -> Bool {
        switch vantage {
        case .client?: record.connection.opener == side
        case .server?: record.connection.opener != side
        case .between?: false
        case .everywhere?: true
        case nil: localAddresses.contains(record.address(side))
        }
    }
}

/// How far the reading of files has come.
public struct ReadProgress: Sendable {
    /// Bytes read.
    public let bytes: Int64
    /// All bytes to read; nil if a file's size is not known.
    public let totalBytes: Int64?
    /// Frames read.
    public let frames: UInt64
    /// Whether all is read.
    public let isComplete: Bool
}
