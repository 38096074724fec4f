import ArgumentParser
import Arguments
import Capture
import Glibc
import Host
import Live
import Reports
import Wire

struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "Watch interfaces live: state changes and stuck connections as they happen.",
        usage: """
            wirestate live -i <interface> | - [<options>]
                [-- <filter>]
            """,
        discussion: """
            On a terminal, live shows a full screen; ? lists its keys. Elsewhere it prints one line per state \
            change: + found, = confirmed, - withdrawn, ~ amended; ! marks a connection that became stuck, \
            . one that no longer is. SIGINT and SIGTERM end the run and print the full report. SIGUSR1 prints \
            the state counts and the stuck connections; SIGHUP reopens the output files.

            A separate helper process finds the programs that hold sockets; only it keeps the privilege to \
            inspect other users' processes. The process that reads packets keeps CAP_NET_RAW only.

            EXAMPLES
              sudo wirestate live -i eth0
                    watch one interface on the screen
              sudo wirestate live -i eth0 -i eth1 --json -- port 443 | jq .
                    two interfaces as one stream, for another program
              ssh host tcpdump -U -w - | wirestate live -
                    watch another host's packets
              sudo wirestate live -i any --quiet --every 60s
                    print the state counts once a minute
              sudo setcap cap_net_raw=eip $(command -v wirestate)
                    allow live without sudo
            """)

    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp(
            "Interface to capture on, or 'any'; repeatable. 'wirestate interfaces' lists them.",
            valueName: "interface"))
    var interface: [String] = []

    @Argument(help: "'-' reads a capture from a pipe instead of interfaces.")
    var input: String?

    @Option(
        name: [.customShort("s"), .customLong("snapshot-length")],
        help: ArgumentHelp("Bytes to capture of each packet.", valueName: "bytes"))
    var snapshotLength = 128

    @Option(
        name: [.customShort("B"), .customLong("buffer")],
        help: ArgumentHelp(
            "Size of the kernel buffer for each interface, such as 64M.", valueName: "size"))
    var buffer: ByteSize = ByteSize(bytes: 16 << 20)

    @Flag(help: "Use promiscuous mode, for a mirror port.")
    var promiscuous = false

    @Option(
        help: ArgumentHelp(
            "User to switch to after everything is open, when started as root.", valueName: "name"))
    var user = "nobody"

    @Option(help: "Output format of the lines: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @Flag(help: "Do not print state changes.")
    var quiet = false

    @Flag(help: "Print findings only, not single connections.")
    var findingsOnly = false

    @Option(
        help: ArgumentHelp(
            """
            Print at most this many state changes per second, and how many were left out. Default: 300 in \
            the journal, no limit elsewhere.
            """, valueName: "count"))
    var rate: UInt64?

    @Option(
        help: ArgumentHelp(
            "Print state counts at this interval, such as 60s or 5m.", valueName: "time"))
    var every: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Append the lines to a file; SIGHUP reopens it.", valueName: "file"))
    var output: String?

    @Option(
        name: [.customShort("w"), .long],
        help: ArgumentHelp(
            "Write the packets to a pcap file. An existing file is kept: a number is added to the name.",
            valueName: "file"))
    var write: String?

    @Option(
        help: ArgumentHelp(
            "Start the next file after this size or time, such as 100M or 1h.",
            valueName: "size|time"))
    var rotate: String?

    @Option(
        help: ArgumentHelp(
            "Keep this many rotated files, including those of earlier runs.",
            valueName: "count"))
    var keep: Int?

    @Flag(
        help:
            "Write only packets of connections that become stuck: up to 64M from before, and all after."
    )
    var onlyStuck = false

    @Flag(help: "Start with the connections that this host's kernel already has (assumed states).")
    var prime = false

    @Flag(
        help: """
            Compare with the kernel's sockets every ten seconds; lines marked ? report differences.
            """)
    var reconcile = false

    @Option(
        help: ArgumentHelp(
            "Save the open connections in this file, and start with those in it.", valueName: "file"
        ))
    var state: String?

    @OptionGroup var service: ServiceOptions
    @OptionGroup var metrics: MetricsOptions
    @OptionGroup var findings: FindingOptions
    @OptionGroup var tracking: TrackingOptions

    /// The flags that depend on each other.
    private var flags: LiveFlags {
        var flags = LiveFlags()
        flags.interfaces = interface
        flags.input = input
        flags.snapshotLength = snapshotLength
        flags.bufferSize = buffer.bytes
        flags.packets = write
        flags.rotate = rotate
        flags.keep = keep
        flags.isOnlyStuck = onlyStuck
        flags.every = every
        flags.primes = prime
        flags.reconciles = reconcile
        return flags
    }

    func validate() throws {
        try TextOrJSON.validate(format, [("json", tracking.json, .json)])
        try validating { () throws(ArgumentFailure) in try flags.check() }
        if User(name: user) == nil {
            throw ValidationError("--user '\(user)' does not exist on this host.")
        }
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
        try LiveSession(request, page: service.page()).run()
    }

    /// What the flags ask for.
    private var request: LiveOptions {
        var options = LiveOptions(connectionLimit: tracking.connectionLimit)
        options.interfaces = interface
        options.isPiped = input != nil
        options.capture = settings
        options.user = user
        options.output = flags.output(output)
        options.packets = write.map {
            LiveOptions.PacketFiles(
                path: $0, rotation: FileRotation(flags.rotation), keep: keep, isOnlyStuck: onlyStuck
            )
        }
        options.state = state
        options.metrics = metrics.request
        options.isJSON = TextOrJSON.chosen(format, [("json", tracking.json, .json)]) == .json
        options.wantsTransitions = !quiet && !findingsOnly
        options.wantsConnections = !findingsOnly
        options.rate = rate
        options.countInterval = every.flatMap(TimeSpan.init(argument:))
        options.spelling = tracking.states
        options.names = tracking.names
        options.layout = tracking.text.layout
        options.primes = prime
        options.reconciles = reconcile
        options.profile = tracking.profile
        options.thresholds = findings.limits
        options.localAddresses = tracking.local
        return options
    }
}

extension FileRotation {
    fileprivate init(_ rotation: LiveFlags.Rotation?) {
        self =
            switch rotation {
            case .time(let duration): .time(duration)
            case .size(let bytes): .size(bytes)
            case .never, nil: .never
            }
    }
}
