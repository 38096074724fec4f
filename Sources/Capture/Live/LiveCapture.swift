internal import CPcap
public import Wire

/// An interface that is being captured on.
public struct LiveCapture: ~Copyable {
    /// What the kernel counted since the capture began. The corresponding C type is `pcap_stat`.
    public struct Statistics: Hashable, Sendable {
        /// Packets that the filter let pass.
        public let received: UInt64
        /// Packets lost because they were not fetched in time.
        public let dropped: UInt64
        /// Packets that the interface or its driver lost.
        public let droppedByInterface: UInt64

        /// Joins the counters.
        public init(received: UInt64 = 0, dropped: UInt64 = 0, droppedByInterface: UInt64 = 0) {
            self.received = received
            self.dropped = dropped
            self.droppedByInterface = droppedByInterface
        }
    }

    /// What a wait for a packet came to.
    public enum Outcome: ~Escapable {
        /// A packet.
        case frame(Frame)
        /// None arrived in time.
        case timeout
        /// The capture was told to stop.
        case stopped
    }

    private let handle: PcapHandle
    private let name: String
    private let nanosecondsPerUnit: Int64
    /// The link type of all frames. The corresponding C function is `pcap_datalink`.
    public let linkType: LinkType
    /// Frames handed out so far.
    public private(set) var frames: UInt64 = 0

    init(_ handle: consuming PcapHandle, interface name: String) {
        let precision = unsafe pcap_get_tstamp_precision(handle.pointer)
        nanosecondsPerUnit = precision == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1_000
        linkType = handle.linkType
        self.handle = handle
        self.name = name
    }

    /// The most bytes that are captured of a packet. The corresponding C function is
    /// `pcap_snapshot`.
    public var snapshotLength: Int { handle.snapshotLength }

    /// What to wait on, with poll(2), once ``stopWaiting()`` was called. The corresponding C function is
    /// `pcap_get_selectable_fd`.
    public var descriptor: Int32 { unsafe pcap_get_selectable_fd(handle.pointer) }

    /// Makes `next` come back at once where no packet is there. The corresponding C function is
    /// `pcap_setnonblock`.
    public mutating func stopWaiting() throws(CaptureError) {
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard unsafe pcap_setnonblock(handle.pointer, 1, &text) == 0 else {
            throw .interface(name, .other(String(terminated: text)))
        }
    }

    /// Lets the kernel drop frames that do not match. The corresponding C functions are
    /// `pcap_compile` and `pcap_setfilter`.
    public mutating func setFilter(_ expression: String) throws(CaptureError) {
        try handle.setFilter(expression)
    }

    /// What the kernel counted so far. The corresponding C function is `pcap_stats`.
    public func statistics() throws(CaptureError) -> Statistics {
        var counts = pcap_stat()
        guard unsafe pcap_stats(handle.pointer, &counts) == 0 else {
            throw .interface(name, .other(handle.errorText))
        }
        return Statistics(
            received: UInt64(counts.ps_recv), dropped: UInt64(counts.ps_drop),
            droppedByInterface: UInt64(counts.ps_ifdrop))
    }

    /// Waits for a packet, for as long as the timeout; it is valid until `next` is called again. The
    /// corresponding C function is `pcap_next_ex`.
    @_lifetime(&self)
    public mutating func next() throws(CaptureError) -> Outcome {
        var isStopped = false
        guard let record = unsafe try nextRecord(interface: 0, &isStopped) else {
            return isStopped ? .stopped : .timeout
        }
        let outcome = unsafe Outcome.frame(Frame(record))
        return unsafe _overrideLifetime(outcome, mutating: &self)
    }

    /// The next packet, which is valid until the next call; nil where none is there.
    mutating func nextRecord(
        interface: UInt32, _ isStopped: inout Bool
    ) throws(CaptureError) -> RawRecord? {
        switch unsafe handle.next() {
        case .frame(let found, let bytes):
            let header = unsafe found.pointee
            frames &+= 1
            let timestamp = Timestamp(
                seconds: Int64(header.ts.tv_sec),
                nanoseconds: Int64(header.ts.tv_usec) &* nanosecondsPerUnit)
            return unsafe RawRecord(
                bytes: bytes, capturedLength: Int(header.caplen), wireLength: Int(header.len),
                timestamp: timestamp, linkType: linkType, interface: interface, file: 0,
                number: frames, program: nil)
        case .timeout: return nil
        case .end:
            isStopped = true
            return nil
        case .failure: throw .interface(name, .other(handle.errorText))
        }
    }
}
