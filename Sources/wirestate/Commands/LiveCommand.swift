import ArgumentParser
import Capture
import Glibc
import Host
import Reports
import Wire

struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "The same, now: state changes and stuck connections as they happen.",
        usage: "wirestate live -i <interface> | - [<options>] [-- <filter>]",
        discussion: """
            On a terminal a screen: ? shows its keys. Anywhere else a line for each change of state, \
            marked + found, = confirmed, - withdrawn, ~ amended; ! a connection has become stuck, \
            . it is no longer. SIGINT and SIGTERM end with the full report. SIGUSR1 prints the states \
            and what is stuck; SIGHUP opens the outputs anew.

            Programs that hold sockets are named by a process of its own, which alone keeps the \
            right to look at other users' processes; what reads packets keeps CAP_NET_RAW.

            EXAMPLES
              sudo wirestate live -i eth0
                    the screen
              sudo wirestate live -i eth0 -i eth1 --json -- port 443 | jq .
                    two interfaces as one, for another program
              ssh host tcpdump -U -w - | wirestate live -
                    the screen, of another host's packets
              sudo wirestate live -i any --quiet --every 60s
                    how many are in each state, once a minute
              sudo setcap cap_net_raw=eip $(command -v wirestate)
                    from now on without sudo
            """)

    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp(
            "Where to capture, see 'wirestate interfaces'; 'any' is all. May be repeated.",
            valueName: "interface"))
    var interface: [String] = []

    @Argument(help: "'-': a capture that comes through a pipe, instead of interfaces.")
    var input: String?

    @Option(
        name: [.customShort("s"), .customLong("snapshot-length")],
        help: ArgumentHelp("The most bytes to capture of a packet.", valueName: "bytes"))
    var snapshotLength = 128

    @Option(
        name: [.customShort("B"), .customLong("buffer")],
        help: ArgumentHelp(
            "The kernel's buffer for each interface, such as 64M.", valueName: "size"))
    var buffer: ByteSize = ByteSize(bytes: 16 << 20)

    @Flag(help: "See packets for other hosts, too: for a mirror port.")
    var promiscuous = false

    @Option(
        help: ArgumentHelp(
            "Who to become once everything is open, where root began.", valueName: "name"))
    var user = "nobody"

    @Option(help: "How to print the lines: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @Flag(help: "No line for each change of state.")
    var quiet = false

    @Flag(help: "Lines about findings alone: none for each connection.")
    var findingsOnly = false

    @Option(
        help: ArgumentHelp(
            """
            At most so many changes of state in a second; a line says how many are left out. For the \
            journal 300 by default.
            """, valueName: "count"))
    var rate: UInt64?

    @Option(
        help: ArgumentHelp(
            "How many are in each state, so often: 60s, 5m.", valueName: "time"))
    var every: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Append the lines to a file; SIGHUP opens it anew.", valueName: "file"))
    var output: String?

    @Option(
        name: [.customShort("w"), .long],
        help: ArgumentHelp(
            "Write the packets to a file (pcap). A file that is there stays: the next gets a number.",
            valueName: "file"))
    var write: String?

    @Option(
        help: ArgumentHelp(
            "Begin the next file, -00001 and so on, after so much or so long: 100M, 1h.",
            valueName: "size|time"))
    var rotate: String?

    @Option(
        help: ArgumentHelp(
            "Of rotated files, keep the last so many, those of earlier runs included.",
            valueName: "count"))
    var keep: Int?

    @Flag(
        help:
            "Write only the packets of connections that get stuck: the last 64M before, all after.")
    var onlyStuck = false

    @Flag(help: "Begin with the connections that this host's kernel has, as assumed.")
    var prime = false

    @Flag(
        help: """
            Every ten seconds compare with the kernel's sockets: ? says where they disagree, and by \
            which rule.
            """)
    var reconcile = false

    @Option(
        help: ArgumentHelp(
            "Keep the open connections in a file, and begin with those in it.", valueName: "file"))
    var state: String?

    @OptionGroup var service: ServiceOptions
    @OptionGroup var metrics: MetricsOptions
    @OptionGroup var findings: FindingOptions
    @OptionGroup var tracking: TrackingOptions

    /// Whether lines are JSON.
    var isJSON: Bool { TextOrJSON.chosen(format, [("json", tracking.json, .json)]) == .json }

    /// Whether the packets come through a pipe.
    var isPiped: Bool { input != nil }

    /// The addresses whose ends are counted apart: those of `--local`, or this host's where an interface that is
    /// captured on has any.
    var ownAddresses: Set<Address> {
        if tracking.local != nil || isPiped { return tracking.localAddresses }
        let all = (try? NetworkInterface.all()) ?? []
        let isOwn = all.contains {
            (interface.contains($0.name) || interface.contains("any")) && !$0.addresses.isEmpty
        }
        return isOwn ? Set(all.flatMap(\.addresses)) : []
    }

    /// `--every`.
    var step: TimeSpan? { every.flatMap(DurationArgument.span) }

    /// `--rotate`; nil where it means nothing.
    var rotation: RotatingCaptureWriter.Rotation? {
        guard let rotate else { return .never }
        if let last = rotate.last, "KMG".contains(last) {
            return ByteSize(argument: rotate).map { .size($0.bytes) }
        }
        let length = DurationArgument.span(rotate) ?? 0
        return length >= 1_000_000_000 && length < .max ? .time(length) : nil
    }

    mutating func validate() throws {
        try TextOrJSON.validate(format, [("json", tracking.json, .json)])
        if findingsOnly { quiet = true }
        // Standard output has the packets: the lines go to standard error.
        if output == nil, let write, ["-", "/dev/stdout"].contains(write) {
            output = "/dev/stderr"
        }
        if write == nil, rotate != nil || onlyStuck {
            throw ValidationError("--rotate and --only-stuck say how to write: give -w, too.")
        }
        if rotation == nil {
            throw ValidationError(
                "--rotate '\(rotate ?? "")' is no size or time, such as 100M or 1h.")
        }
        if let keep, keep < 1 || rotate == nil {
            throw ValidationError("--keep begins at 1 and goes with --rotate.")
        }
        if let input {
            if input != "-" {
                throw ValidationError("'\(input)': live reads interfaces, or a pipe: '-'.")
            }
            if !interface.isEmpty || prime || reconcile || write != nil {
                throw ValidationError(
                    "A pipe takes the place of interfaces: no -i, --prime, --reconcile or -w.")
            }
        } else if interface.isEmpty {
            throw ValidationError("Name an interface: -i eth0, or -i any.")
        }
        if Set(interface).count < interface.count {
            throw ValidationError("An interface is named twice.")
        }
        if !(64...262_144).contains(snapshotLength) {
            throw ValidationError("--snapshot-length lies between 64 and 262144.")
        }
        if !(1 << 16...1 << 30).contains(buffer.bytes) {
            throw ValidationError("--buffer lies between 64K and 1G.")
        }
        if let every {
            guard let length = DurationArgument.span(every), length > 0, length < .max else {
                throw ValidationError("--every '\(every)' is no length of time, such as 60s.")
            }
        }
        if User(name: user) == nil { throw ValidationError("--user '\(user)' is no user here.") }
    }

    /// How to capture.
    var settings: LiveReader.Settings {
        var settings = LiveReader.Settings()
        settings.snapshotLength = snapshotLength
        settings.bufferSize = buffer.bytes
        settings.isPromiscuous = promiscuous
        settings.filter = tracking.expression
        return settings
    }

    func run() throws {
        let session = try LiveSession(self)
        try session.run()
    }
}
