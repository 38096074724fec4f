public import Capture
public import Reports
public import TCPState
import Tracking
import Wire

extension CaptureAnalysis {
    /// Reads the captures and calls `body` with every connection when it is closed, and with Suricata's look at it.
    public func flows(
        _ body: @escaping (ConnectionRecord, EVEFlow) -> Void
    ) throws(CaptureError) -> InputResult {
        var views = ConnectionViews({ _, time in EVEFlow(at: time) }, end: body)
        return try views.run(self)
    }

    /// Reads the captures and calls `body` with every connection when it is closed, and with Zeek's look at it.
    ///
    /// - Parameters:
    ///   - hasTimers: whether Zeek's own timers end a row.
    ///   - isServerPort: whether a port is likely a server's, for a capture without the SYN.
    public func zeekConnections(
        hasTimers: Bool, isServerPort: @escaping (UInt16) -> Bool,
        _ body: @escaping (ConnectionRecord, ZeekConnection) -> Void
    ) throws(CaptureError) -> InputResult {
        var views = ConnectionViews(
            { ZeekView(ZeekConnection($0, at: $1, isServerPort: isServerPort)) },
            end: { body($0, $1.connection) }
        )
        return try views.run(self) { hasTimers && $0.connection.hasExpired(by: $1) }
    }
}

/// A second look at every connection, fed with each of its segments; for formats that count what the
/// state machines do not.
protocol SegmentView {
    /// Takes a segment.
    mutating func receive(
        _ segment: Segment, from sender: Side, at time: Timestamp, in frame: SegmentFrame)
}

/// What a view needs of the frame that a segment came in.
struct SegmentFrame {
    let wireLength: Int
    /// Whether not all of it was captured.
    let isCut: Bool
    let hasBadChecksum: Bool
}

/// Keeps a view of every connection and hands both over when the connection departs.
struct ConnectionViews<View: SegmentView>: TrackingObserver, TransitionForwarder {
    typealias Transitions = NoTransitions

    private var views: [UInt32: View] = [:]
    private let make: (Segment, Timestamp) -> View
    private let end: (ConnectionRecord, View) -> Void

    /// - Parameters:
    ///   - make: begins a view with the connection's first segment, which is then received.
    ///   - end: is given each connection once, in the order of ``TrackingObserver/connectionClosed(_:_:)``.
    init(
        _ make: @escaping (Segment, Timestamp) -> View,
        end: @escaping (ConnectionRecord, View) -> Void
    ) {
        self.make = make
        self.end = end
    }

    /// Reads the captures, on one thread.
    ///
    /// - Parameter splits: whether a view ends before a segment, which then begins another one.
    mutating func run(
        _ analysis: CaptureAnalysis, splits: @escaping (View, Timestamp) -> Bool = { _, _ in false }
    ) throws(CaptureError) -> InputResult {
        let verifies = analysis.options.verifiesChecksums
        let decoder = Decoder()
        return try analysis.runInOrder(
            &self,
            after: { tracker, frame, reference in
                var segment = Segment()
                let outcome = decoder.decode(
                    frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                    into: &segment)
                guard case .segment = outcome else { return }
                let records = tracker.connections(
                    of: segment, interface: frame.interface)
                guard let record = records.first(where: { $0.connection.lastFrame == reference })
                else { return }
                var hasBadChecksum = false
                if verifies {
                    let verdict = decoder.checksums(
                        frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength)
                    hasBadChecksum = verdict?.transport == .wrong
                }
                tracker.observer.base.receive(
                    tracker.observer.masked(segment), from: FlowKey.sender(of: segment),
                    of: tracker.observer.masked(record), at: frame.timestamp,
                    in: SegmentFrame(
                        wireLength: frame.wireLength,
                        isCut: frame.bytes.count < frame.wireLength,
                        hasBadChecksum: hasBadChecksum), splits)
            })
    }

    /// Takes a segment of a connection.
    private mutating func receive(
        _ segment: Segment, from sender: Side, of record: ConnectionRecord, at time: Timestamp,
        in frame: SegmentFrame, _ splits: (View, Timestamp) -> Bool
    ) {
        let serial = record.connection.serial
        if let view = views[serial], splits(view, time) {
            end(record, view)
            views[serial] = nil
        }
        views[serial, default: make(segment, time)].receive(
            segment, from: sender, at: time, in: frame)
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        if let view = views.removeValue(forKey: record.connection.serial) { end(copy record, view) }
    }
}

extension EVEFlow: SegmentView {
    mutating func receive(
        _ segment: Segment, from sender: Side, at time: Timestamp, in frame: SegmentFrame
    ) {
        receive(segment, isFromLow: sender == .low, wireLength: frame.wireLength, at: time)
    }
}

/// Zeek's look at a connection.
private struct ZeekView: SegmentView {
    private(set) var connection: ZeekConnection

    init(_ connection: ZeekConnection) { self.connection = connection }

    mutating func receive(
        _ segment: Segment, from sender: Side, at time: Timestamp, in frame: SegmentFrame
    ) {
        connection.receive(
            segment, at: time, hasBadChecksum: frame.hasBadChecksum, isCut: frame.isCut)
    }
}
