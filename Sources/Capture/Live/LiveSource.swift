internal import Wire

/// One interface of a ``LiveReader``: its capture, and the packet that comes next.
@safe
final class LiveSource {
    let name: String
    let number: UInt32
    private let settings: LiveReader.Settings
    private var capture: LiveCapture?
    /// The packet that comes next; valid until `advance` is called again.
    private(set) var head: RawRecord?
    /// What earlier captures on the interface counted.
    private var before = LiveCapture.Statistics()
    /// The counters as they were last read.
    private var latest = LiveCapture.Statistics()

    /// Opens the interface.
    init(_ name: String, number: UInt32, _ settings: LiveReader.Settings) throws(CaptureError) {
        self.name = name
        self.number = number
        self.settings = settings
        try open()
    }

    var isOpen: Bool { capture != nil }

    /// What to wait on; nil while the interface is lost.
    var descriptor: Int32? {
        switch capture {
        case .some(let capture): capture.descriptor
        case .none: nil
        }
    }

    var linkType: LinkType? {
        switch capture {
        case .some(let capture): capture.linkType
        case .none: nil
        }
    }

    /// Opens the interface, or opens it again.
    func open() throws(CaptureError) {
        var inactive = try InactiveLiveCapture(interface: name)
        inactive.snapshotLength = settings.snapshotLength
        inactive.isPromiscuous = settings.isPromiscuous
        inactive.timeout = settings.timeout
        inactive.bufferSize = settings.bufferSize
        var opened = try inactive.activate()
        if let filter = settings.filter { try opened.setFilter(filter) }
        try opened.stopWaiting()
        capture = consume opened
    }

    /// Looks for a packet, if there is no head.
    func fill() throws(CaptureError) {
        if unsafe head == nil { try advance() }
    }

    /// Puts the next packet in the place of the head.
    func advance() throws(CaptureError) {
        var isStopped = false
        do {
            unsafe head = try capture?.nextRecord(interface: number, &isStopped)
        } catch {
            unsafe head = nil
            before = statistics
            latest = LiveCapture.Statistics()
            capture = nil
            guard case .interface(let name, .other(let text)) = error else { throw error }
            throw .interface(name, .lost(text))
        }
    }

    /// What the kernel counted, over all captures on the interface.
    var statistics: LiveCapture.Statistics {
        if let now = try? capture?.statistics() { latest.follow(now) }
        return before + latest
    }
}

extension LiveCapture.Statistics {
    /// Takes a later reading: libpcap's counters are 32 bits wide and wrap.
    mutating func follow(_ now: LiveCapture.Statistics) {
        func advance(_ old: UInt64, _ new: UInt64) -> UInt64 {
            old &+ UInt64(UInt32(truncatingIfNeeded: new) &- UInt32(truncatingIfNeeded: old))
        }
        self = LiveCapture.Statistics(
            received: advance(received, now.received), dropped: advance(dropped, now.dropped),
            droppedByInterface: advance(droppedByInterface, now.droppedByInterface))
    }

    static func + (a: LiveCapture.Statistics, b: LiveCapture.Statistics) -> LiveCapture.Statistics {
        LiveCapture.Statistics(
            received: a.received &+ b.received, dropped: a.dropped &+ b.dropped,
            droppedByInterface: a.droppedByInterface &+ b.droppedByInterface)
    }
}
