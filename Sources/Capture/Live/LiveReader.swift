public import Wire

/// Several interfaces as one stream of frames in the order of their times.
///
/// An interface that disappears is lost, not the stream: ``reopenLost()`` opens it again once it is back.
///
/// Nothing waits: the caller does, on ``descriptors``, with poll(2).
public struct LiveReader: ~Copyable {
    /// How to capture, the same for all interfaces. See ``InactiveLiveCapture``.
    public struct Settings: Sendable {
        /// The most bytes to capture of a packet: enough for all headers.
        public var snapshotLength = 128
        /// Whether to see packets for other hosts too.
        public var isPromiscuous = false
        /// How long a packet may wait for others, in milliseconds.
        public var timeout = 100
        /// The kernel's buffer in bytes, for each interface; `nil` for libpcap's choice.
        public var bufferSize: Int?
        /// A libpcap filter expression, see pcap-filter(7), for the kernel; `nil` for every frame.
        public var filter: String?

        /// The defaults.
        public init() {}
    }

    /// What a look for a packet came to.
    public enum Outcome: ~Escapable {
        /// A packet.
        case frame(Frame)
        /// None is there, or none yet that may go before what other interfaces bring.
        case nothing
    }

    private let settings: Settings
    private let sources: [LiveSource]
    /// Frames handed out so far.
    public private(set) var frames: UInt64 = 0
    /// Where the head that was handed out last came from.
    private var used: LiveSource?
    /// Why interfaces were lost since ``takeErrors()`` was called last.
    private var errors: [CaptureError] = []

    /// Opens the interfaces.
    public init(interfaces: [String], _ settings: Settings = Settings()) throws(CaptureError) {
        self.settings = settings
        var sources: [LiveSource] = []
        for (index, name) in interfaces.enumerated() {
            sources.append(try LiveSource(name, number: UInt32(index), settings))
        }
        self.sources = sources
    }

    /// The interfaces' names, in the order of ``Frame/interface``.
    public var interfaces: [String] { sources.map(\.name) }

    /// The interfaces that are lost at the moment.
    public var lost: [String] { sources.filter { !$0.isOpen }.map(\.name) }

    /// What to wait on for packets.
    public var descriptors: [Int32] { sources.compactMap(\.descriptor) }

    /// The link types of the interfaces that are open.
    public var linkTypes: Set<LinkType> { Set(sources.compactMap(\.linkType)) }

    /// How long a packet may stay in the kernel before it can be seen here: at a time
    /// when ``next(now:)`` has nothing, all packets from before so long ago have been handed out.
    public var latency: TimeSpan { .milliseconds(2 * Int64(settings.timeout)) }

    /// What the kernel counted on all interfaces since the beginning.
    public var statistics: LiveCapture.Statistics {
        sources.reduce(LiveCapture.Statistics()) { $0 + $1.statistics }
    }

    /// The earliest packet that is there, which is valid until `next` is called again. Of several
    /// interfaces, one whose packet no other can precede any more.
    ///
    /// - Parameter now: the time on the clock of the packets' time stamps.
    @_lifetime(&self)
    public mutating func next(now: Timestamp) -> Outcome {
        if let used {
            self.used = nil
            attempt { () throws(CaptureError) in try used.advance() }
        }
        var earliest: LiveSource?
        var isEveryoneHeard = true
        for source in sources where source.isOpen {
            attempt { () throws(CaptureError) in try source.fill() }
            guard let head = unsafe source.head else {
                isEveryoneHeard = false
                continue
            }
            if let best = unsafe earliest?.head?.timestamp, unsafe best <= head.timestamp {
                continue
            }
            earliest = source
        }
        guard let earliest, let head = unsafe earliest.head,
            unsafe isEveryoneHeard || head.timestamp <= now - latency
        else { return .nothing }
        used = earliest
        frames &+= 1
        let outcome = unsafe Outcome.frame(Frame(head.numbered(frames)))
        return unsafe _overrideLifetime(outcome, mutating: &self)
    }

    /// Why interfaces were lost since the last call.
    public mutating func takeErrors() -> [CaptureError] {
        defer { errors = [] }
        return errors
    }

    /// Tries to open the interfaces that are lost. Returns the names of those that are back.
    public mutating func reopenLost() -> [String] {
        sources.filter { !$0.isOpen && (try? $0.open()) != nil }.map(\.name)
    }

    private mutating func attempt(_ call: () throws(CaptureError) -> Void) {
        do { try call() } catch { errors.append(error) }
    }
}
