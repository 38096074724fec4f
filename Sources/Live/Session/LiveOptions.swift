public import Capture
public import Diagnosis
public import Reports
public import TCPState
public import Wire

/// What a live run is asked to do.
public struct LiveOptions {
    /// The files that packets are written to.
    public struct PacketFiles: Hashable, Sendable {
        /// The file's path; with rotation, each file's name has a number.
        public var path: String
        /// When the next file begins.
        public var rotation: FileRotation
        /// How many files are kept; nil for all.
        public var keep: Int?
        /// Whether only the packets of connections that get stuck are written.
        public var isOnlyStuck: Bool

        /// Files of all packets.
        public init(
            path: String, rotation: FileRotation = .never, keep: Int? = nil,
            isOnlyStuck: Bool = false
        ) {
            self.path = path
            self.rotation = rotation
            self.keep = keep
            self.isOnlyStuck = isOnlyStuck
        }
    }

    /// What is said of the run as metrics.
    public struct Metrics: Hashable, Sendable {
        /// The program's version.
        public var version = ""
        /// A file that is written for a collector; nil for none.
        public var textfile: String?
        /// How many services with stuck connections have metrics of their own.
        public var serviceLimit = 50
        /// Whether the states are also counted under the names of node_exporter.
        public var hasNodeNames = false

        /// No file.
        public init() {}
    }

    /// The interfaces to capture on.
    public var interfaces: [String] = []
    /// Whether a capture is read from standard input instead.
    public var isPiped = false
    /// How to capture.
    public var capture = LiveReader.Settings()
    /// The user to become once everything is open, if root runs the process.
    public var user = "nobody"

    /// Where lines go; nil for standard output.
    public var output: String?
    /// Where packets go; nil for nowhere.
    public var packets: PacketFiles?
    /// The file of open connections that a later run goes on with; nil for none.
    public var state: String?
    /// See ``Metrics``.
    public var metrics = Metrics()

    /// Whether lines are JSON.
    public var isJSON = false
    /// Whether changes of state are written.
    public var wantsTransitions = true
    /// Whether anything of single connections is, and not findings alone.
    public var wantsConnections = true
    /// The most changes of state that are written in a second; nil for the limit of what reads them.
    public var rate: UInt64?
    /// The time between two counts of states; nil for none.
    public var countInterval: TimeSpan?
    /// How states are spelled.
    public var spelling = StateSpelling.netstat
    /// Whose names JSON fields have.
    public var names = JSONNames.wirestate
    /// How text is laid out.
    public var layout = TextLayout()

    /// Whether the kernel's connections are taken up at the start.
    public var primes = false
    /// Whether packets are compared with the kernel's sockets.
    public var reconciles = false
    /// Whose TCP timers are assumed.
    public var profile = StackProfile.linux
    /// How many connections are kept.
    public var connectionLimit: Int
    /// From when on something is a finding.
    public var thresholds = Thresholds.standard
    /// The addresses whose ends are counted apart; nil for this host's, where an interface that is captured on has
    /// any.
    public var localAddresses: AddressSet?

    /// - Parameter connectionLimit: how many connections are kept.
    public init(connectionLimit: Int) { self.connectionLimit = connectionLimit }

    /// The addresses whose ends are counted apart.
    var ownAddresses: AddressSet {
        if localAddresses != nil || isPiped { return localAddresses ?? [] }
        let all = (try? NetworkInterface.all()) ?? []
        let isOwn = all.contains {
            (interfaces.contains($0.name) || interfaces.contains("any")) && !$0.addresses.isEmpty
        }
        return isOwn ? AddressSet(all.flatMap(\.addresses)) : []
    }

    /// Whether the run's packets are all in one file, whose streams have numbers.
    var isInFile: Bool {
        isPiped || packets.map { $0.rotation == .never && !$0.isOnlyStuck } ?? false
    }
}

/// When a file of packets is full.
public enum FileRotation: Hashable, Sendable {
    case never
    /// How long.
    case time(TimeSpan)
    /// How many bytes.
    case size(Int)
}
