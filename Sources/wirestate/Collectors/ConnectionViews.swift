import Capture
import Reports
import TCPState
import Tracking
import Wire

/// A second look at every connection, fed with each of its segments; for formats that count what the
/// state machines do not.
protocol SegmentView {
    /// Takes a segment.
    mutating func receive(
        _ segment: Segment, from sender: Side, at time: Timestamp, wireLength: Int,
        hasBadChecksum: Bool)
}

/// Keeps a view of every connection and hands both over when the connection departs.
struct ConnectionViews<View: SegmentView>: TrackingObserver {
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

    /// Reads the captures of some options, on one thread.
    ///
    /// - Parameter splits: whether a view ends before a segment, which then begins another one.
    mutating func run(
        _ options: CommonOptions, splits: @escaping (View, Timestamp) -> Bool = { _, _ in false }
    ) throws(CaptureError) -> Run {
        let verifies = options.verifyChecksums
        let decoder = Decoder()
        return try Run(
            alone: options, &self,
            after: { tracker, frame, reference in
                var segment = Segment()
                let outcome = decoder.decode(
                    frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                    into: &segment)
                guard case .segment = outcome else { return }
                let records = tracker.connections(on: FlowKey(segment))
                guard let record = records.first(where: { $0.connection.lastFrame == reference })
                else { return }
                var hasBadChecksum = false
                if verifies {
                    let verdict = decoder.checksums(
                        frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength)
                    hasBadChecksum = verdict?.transport == .wrong
                }
                tracker.observer.receive(
                    segment, of: record, at: frame.timestamp, wireLength: frame.wireLength,
                    hasBadChecksum: hasBadChecksum, splits)
            })
    }

    /// Takes a segment of a connection.
    private mutating func receive(
        _ segment: Segment, of record: ConnectionRecord, at time: Timestamp, wireLength: Int,
        hasBadChecksum: Bool, _ splits: (View, Timestamp) -> Bool
    ) {
        let serial = record.connection.serial
        if let view = views[serial], splits(view, time) {
            end(record, view)
            views[serial] = nil
        }
        views[serial, default: make(segment, time)].receive(
            segment, from: FlowKey.sender(of: segment), at: time, wireLength: wireLength,
            hasBadChecksum: hasBadChecksum)
    }

    mutating func connectionClosed(_ record: ConnectionRecord, _ reason: RemovalReason) {
        if let view = views.removeValue(forKey: record.connection.serial) { end(record, view) }
    }

    mutating func observe(_ transition: Transition) -> UInt32 { 0 }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {}

    mutating func withdraw(_ token: UInt32) {}

    mutating func amend(_ token: UInt32, to state: State) {}
}

extension EVEFlow: SegmentView {
    mutating func receive(
        _ segment: Segment, from sender: Side, at time: Timestamp, wireLength: Int,
        hasBadChecksum: Bool
    ) {
        receive(segment, isFromLow: sender == .low, wireLength: wireLength, at: time)
    }
}
