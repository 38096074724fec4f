import Coding
import TCPState
import Tracking
import Wire

/// An observer with which a later run can go on.
protocol ResumableObserver: TrackingObserver {
    /// What it observes for.
    static var command: CheckpointHead.Command { get }
    /// Whether it has to be told once more of the connections that left a full table: it says nothing of them before
    /// the end.
    static var needsEvicted: Bool { get }
    /// Writes what it knows of connections that are still in the table, or reads it in the place of nothing.
    mutating func code(_ records: inout some RecordCoder)
}

extension SummaryCollector: ResumableObserver {
    static var command: CheckpointHead.Command { .report }
    static var needsEvicted: Bool { true }

    /// Nothing: it is told of connections at the end.
    mutating func code(_ records: inout some RecordCoder) {}
}

extension ConnectionLister: ResumableObserver {
    static var command: CheckpointHead.Command { .connections }
    static var needsEvicted: Bool { false }

    /// Nothing: it is told of connections at the end.
    mutating func code(_ records: inout some RecordCoder) {}
}

extension TransitionHistory: ResumableObserver {
    static var command: CheckpointHead.Command { .transitions }
    static var needsEvicted: Bool { true }
}

extension TransitionStream: ResumableObserver {
    static var command: CheckpointHead.Command { .events }
    static var needsEvicted: Bool { false }
}

/// Writes connections that leave a full table into a checkpoint, and passes everything on.
struct EvictionKeeper<Base: ResumableObserver>: TrackingObserver, TransitionForwarder {
    static var seesClosedConnectionsOnly: Bool { Base.seesClosedConnectionsOnly }
    static var looksUp: Bool { Base.looksUp }

    var base: Base
    /// Nil where nothing is to be kept.
    private var file: BlockFileWriter?

    init(_ base: Base, _ file: BlockFileWriter?) {
        self.base = base
        self.file = Base.needsEvicted ? file : nil
    }

    /// What leaves the table from now on is no part of the checkpoint.
    mutating func endCheckpoint() { file = nil }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        if reason != .captureEnd { file?.append(to: .evicted) { record.encode(to: &$0) } }
        base.connectionClosed(record, reason)
    }

    mutating func connectionOpened(_ record: ConnectionRecord) { base.connectionOpened(record) }

    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        base.preview(key, connection, of: count)
    }

    mutating func previewEstablished() { base.previewEstablished() }

    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        base.previewAttempt(key, by: opener, of: count)
    }

    var transitions: Base {
        _read { yield base }
        _modify { yield &base }
    }
}
