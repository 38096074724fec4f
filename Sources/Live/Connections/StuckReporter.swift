import Capture
import Diagnosis
import Host
import Reports
import TCPState
import Tracking
import Wire

/// Finds stuck connections, and tells of each once it is known what program holds its socket; keeps their packets
/// where these alone are wanted.
struct StuckReporter {
    private var monitor: StuckMonitor
    private let publisher: LivePublisher
    private let locals: LocalSockets?
    private let hostAddresses: Set<Address>
    private var packets: StuckPackets?
    /// Whether only packets of stuck connections are written: what every packet asks for.
    let keepsPackets: Bool

    /// - Parameters:
    ///   - locals: this host's sockets, and the programs that hold them; nil where nobody knows.
    ///   - packets: what keeps packets; nil where all are written.
    init(
        _ limits: Thresholds, _ publisher: LivePublisher, locals: LocalSockets?,
        hostAddresses: Set<Address>, packets: StuckPackets?
    ) {
        monitor = StuckMonitor(limits)
        self.publisher = publisher
        self.locals = locals
        self.hostAddresses = hostAddresses
        self.packets = packets
        keepsPackets = packets != nil
    }

    /// How many connections are stuck.
    var count: Int { monitor.entries.count }

    /// The stuck connections, the one that has been for the longest time first.
    var entries: [StuckMonitor.Entry] {
        monitor.entries.values.sorted { $0.problem.finding.since < $1.problem.finding.since }
    }

    /// What is the matter with a connection; nil where nothing is.
    func entry(_ serial: UInt32) -> StuckMonitor.Entry? { monitor.entries[serial] }

    /// The same in a word.
    func finding(_ serial: UInt32) -> Finding? { monitor.finding(serial) }

    /// Takes a packet of a connection.
    mutating func store(_ key: FlowKey, _ frame: borrowing Frame) {
        packets?.store(key, frame.bytes, wireLength: frame.wireLength, at: frame.timestamp)
    }

    /// Looks at a connection.
    mutating func look(
        _ record: borrowing @_addressable ConnectionRecord, at clock: Timestamp
    ) -> StuckMonitor.Change? {
        monitor.look(record, at: clock)
    }

    /// Takes what a look has found. Returns a connection that has just become stuck.
    ///
    /// - Parameter clock: the time on the packets' clock.
    mutating func apply(
        _ change: StuckMonitor.Change, _ clock: Timestamp, _ now: Timestamp
    ) -> StuckMonitor.Entry? {
        switch change {
        case .ended(let entry):
            publisher.publish(entry, hasEnded: true, clock)
            return nil
        case .begun(let serial):
            guard let entry = monitor.entries[serial] else { return nil }
            packets?.begin(entry.problem.key)
            guard monitor.admit(serial, now) else { return entry }
            let isLocal = Side.allCases.contains {
                hostAddresses.contains(entry.problem.key.address($0))
            }
            if isLocal, locals != nil {
                monitor.wait(for: serial, now)
            } else {
                publisher.publish(entry, hasEnded: false, clock)
            }
            return entry
        }
    }

    /// A connection has departed: it is stuck no longer, and its addresses and ports mean nothing any more.
    mutating func forget(_ serial: UInt32, _ key: FlowKey, at clock: @autoclosure () -> Timestamp) {
        packets?.forget(key)
        if case .ended(let entry)? = monitor.forget(serial) {
            publisher.publish(entry, hasEnded: true, clock())
        }
    }

    /// Tells of the connections whose programs are known by now, and how many others there were.
    mutating func report(_ now: Timestamp, at clock: Timestamp) {
        for line in monitor.takeCounts(now) { publisher.notice(line, now) }
        guard let locals else { return }
        locals.takeAnswer()
        guard monitor.isWaiting else { return }
        locals.refresh(now)
        let named = monitor.takeNamed(now, asOf: locals.named) {
            locals.processes(of: $0.key, client: $0.opener)
        }
        for entry in named { publisher.publish(entry, hasEnded: false, clock) }
    }
}
