public import Wire

/// The flags of a live run that depend on each other.
public struct LiveFlags: Sendable {
    /// The interfaces to capture on.
    public var interfaces: [String] = []
    /// What is read instead of interfaces.
    public var input: String?
    /// Bytes that are captured of each packet.
    public var snapshotLength = 128
    /// The kernel's buffer for each interface, in bytes.
    public var bufferSize = 16 << 20
    /// Where the packets are written to.
    public var packets: String?
    /// When the next file of packets begins: a size or a length of time.
    public var rotate: String?
    /// How many of these files are kept.
    public var keep: Int?
    /// Whether only packets of connections that become stuck are written.
    public var isOnlyStuck = false
    /// The time between two counts of states.
    public var every: String?
    /// Whether the kernel's connections are there from the beginning on.
    public var primes = false
    /// Whether states are compared with those of the kernel.
    public var reconciles = false

    /// When a file of packets is full.
    public enum Rotation: Hashable, Sendable {
        case never
        /// After so long.
        case time(TimeSpan)
        /// From so many bytes on.
        case size(Int)
    }

    /// No flags.
    public init() {}

    /// When a file of packets is full; nil where the flag means nothing. Files of less than a second are refused.
    public var rotation: Rotation? {
        guard let rotate else { return .never }
        if let last = rotate.last, "KMG".contains(last) {
            return ByteSize(rotate).map { .size($0.bytes) }
        }
        let duration = TimeSpan(argument: rotate) ?? 0
        return duration >= .seconds(1) && duration < .max ? .time(duration) : nil
    }

    /// Where the lines go: not where the packets are.
    public func output(_ output: String?) -> String? {
        guard output == nil, let packets, ["-", "/dev/stdout"].contains(packets) else {
            return output
        }
        return "/dev/stderr"
    }

    /// Refuses flags that mean nothing, or contradict each other.
    public func check() throws(ArgumentFailure) {
        try checkPackets()
        try checkInput()
        if !(64...262_144).contains(snapshotLength) {
            throw ArgumentFailure("--snapshot-length must be between 64 and 262144.")
        }
        if !(1 << 16...1 << 30).contains(bufferSize) {
            throw ArgumentFailure("--buffer must be between 64K and 1G.")
        }
        if let every { _ = try FlagChecks.interval(every, of: "--every", example: "60s") }
    }

    private func checkPackets() throws(ArgumentFailure) {
        if packets == nil, rotate != nil || isOnlyStuck {
            throw ArgumentFailure("--rotate and --only-stuck need -w.")
        }
        if rotation == nil {
            throw ArgumentFailure(
                "--rotate '\(rotate ?? "")' is not a size or a length of time, such as 100M or 1h.")
        }
        if let keep, keep < 1 || rotate == nil {
            throw ArgumentFailure("--keep must be at least 1 and needs --rotate.")
        }
    }

    private func checkInput() throws(ArgumentFailure) {
        if let input {
            if input != "-" {
                throw ArgumentFailure("'\(input)': live reads interfaces (-i), or a pipe ('-').")
            }
            if !interfaces.isEmpty || primes || reconciles || packets != nil {
                throw ArgumentFailure("'-' does not work with -i, --prime, --reconcile or -w.")
            }
        } else if interfaces.isEmpty {
            throw ArgumentFailure(
                "Name an interface: -i eth0, or -i any. 'wirestate interfaces' lists them.")
        }
        if Set(interfaces).count < interfaces.count {
            throw ArgumentFailure("An interface is named twice.")
        }
    }
}
