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
        usage: "wirestate live -i <interface> [<options>] [-- <filter>]",
        discussion: """
            On a terminal a screen: ? shows its keys. Anywhere else a line for each change of state, \
            marked + found, = confirmed, - withdrawn, ~ amended; ! a connection has become stuck, \
            . it is no longer. SIGINT and SIGTERM end with the full report. SIGUSR1 prints the states \
            and what is stuck; SIGHUP opens the outputs anew.

            EXAMPLES
              sudo wirestate live -i eth0
                    the screen
              sudo wirestate live -i eth0 -i eth1 --json -- port 443 | jq .
                    two interfaces as one, for another program
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

    @Flag(help: "No line for each change of state.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "How many are in each state, so often: 60s, 5m.", valueName: "time"))
    var every: String?

    @Option(
        help: ArgumentHelp(
            "After how long what waits counts as stuck.", valueName: "time"))
    var stuckAfter = "60s"

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Append the lines to a file; SIGHUP opens it anew.", valueName: "file"))
    var output: String?

    @OptionGroup var tracking: TrackingOptions

    /// `--every` in nanoseconds.
    var step: Int64? { every.flatMap(Length.nanoseconds) }

    mutating func validate() throws {
        if interface.isEmpty { throw ValidationError("Name an interface: -i eth0, or -i any.") }
        if Set(interface).count < interface.count {
            throw ValidationError("An interface is named twice.")
        }
        if !(64...262_144).contains(snapshotLength) {
            throw ValidationError("--snapshot-length lies between 64 and 262144.")
        }
        if !(1 << 16...1 << 30).contains(buffer.bytes) {
            throw ValidationError("--buffer lies between 64K and 1G.")
        }
        for (name, text) in [("--every", every), ("--stuck-after", stuckAfter)] {
            guard let text else { continue }
            guard let length = Length.nanoseconds(text), length > 0, length < .max else {
                throw ValidationError("\(name) '\(text)' is no length of time, such as 60s.")
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
