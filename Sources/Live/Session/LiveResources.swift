import Analysis
import Capture
import Glibc
import Host
import POSIX
import Wire

/// What a run has opened before it gives up the right to do so.
struct LiveResources {
    let input: any FrameSource
    let signals: SignalQueue?
    /// This host's sockets; nil where the packets are another host's.
    let locals: LocalSockets?
    let hostAddresses: Set<Address>
    /// The file that lines go to; nil for standard output.
    let output: HeldFile?
    /// What writes the packets; nil where nothing does.
    let packetWriter: RotatingCaptureWriter?
    let stateFile: SessionFile?
    let terminal: Terminal?

    /// Frames from a source, and nothing else but files for lines and packets.
    init(
        _ input: any FrameSource, output: HeldFile? = nil,
        packetWriter: RotatingCaptureWriter? = nil,
        stateFile: SessionFile? = nil
    ) {
        self.input = input
        self.output = output
        self.packetWriter = packetWriter
        self.stateFile = stateFile
        signals = nil
        locals = nil
        hostAddresses = []
        terminal = nil
    }

    /// Opens everything, and becomes the user that the run is to have.
    init(
        opening options: LiveOptions, _ page: (any PageServer)?, _ host: any LiveHost
    ) throws {
        signals = try LiveResources.attempt { () throws(HostError) in
            try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH])
        }
        let user = User(name: options.user)
        locals =
            options.isPiped
            ? nil
            : LocalSockets(
                KernelSockets(
                    try LiveResources.attempt { () throws(HostError) in
                        try ProcessFinder(user: user)
                    }), host)
        hostAddresses = options.isPiped ? [] : SocketReconciler.localAddresses()
        input =
            options.isPiped
            ? try PipeSource(filter: options.capture.filter)
            : try InterfaceSource(interfaces: options.interfaces, options.capture)
        output = try LiveResources.output(options.output, user)
        packetWriter = try options.packets.map { [input] (packets) throws(RunFailure) in
            try LiveResources.packetWriter(packets, input, options.capture.snapshotLength, user)
        }
        try page?.readSecrets()
        if let user {
            try LiveResources.attempt { () throws(HostError) in
                try Privileges.drop(to: user, keeping: options.isPiped ? [] : .rawNetwork)
            }
        }
        let packets = options.packets.flatMap { $0.rotation == .never ? nil : $0.path }
        for case let path? in [packets, options.state, options.metrics.textfile]
        where !Privileges.canMakeFiles(beside: path) {
            throw RunFailure(
                "\(path): user \(options.user) cannot create files there: choose another directory, or --user"
            )
        }
        let names = input.names
        stateFile = try options.state.map { (path) throws(RunFailure) in
            try SessionFile(path: path, interfaces: names)
        }
        let wantsScreen = !options.isJSON && options.wantsTransitions
        terminal = wantsScreen ? Terminal(takesInput: !options.isPiped) : nil
    }

    private static func output(_ path: String?, _ user: User?) throws(RunFailure) -> HeldFile? {
        guard let path else { return nil }
        let file: HeldFile
        do { file = try HeldFile(path, owner: user) } catch {
            throw RunFailure("\(path): \(error.reason)")
        }
        if file.hasSecondName {
            throw RunFailure("\(path): is a hard link to another file: choose another file")
        }
        return file
    }

    private static func packetWriter(
        _ packets: LiveOptions.PacketFiles, _ input: any FrameSource, _ snapshotLength: Int,
        _ user: User?
    ) throws(RunFailure) -> RotatingCaptureWriter {
        guard let linkType = input.linkTypes.first, input.linkTypes.count == 1 else {
            throw RunFailure(
                "\(packets.path): a pcap file has one link type, but these interfaces have several:"
                    + " run one wirestate for each link type", cause: .request)
        }
        do {
            return try RotatingCaptureWriter(
                path: packets.path, rotation: packets.rotation, keep: packets.keep,
                linkType: linkType, snapshotLength: snapshotLength, owner: user)
        } catch {
            throw RunFailure("\(packets.path): \(error.reason)")
        }
    }

    private static func attempt<Value>(
        _ call: () throws(HostError) -> Value
    ) throws(RunFailure) -> Value {
        do { return try call() } catch { throw RunFailure("\(error)") }
    }
}
