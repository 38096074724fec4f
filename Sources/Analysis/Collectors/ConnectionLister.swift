public import Capture
public import Reports
public import TCPState
import Tracking
import Wire

extension CaptureAnalysis {
    /// Reads the captures and calls `body` with every connection when it is closed: in the order of first
    /// segments, except for those that were evicted from a full table.
    ///
    /// - Parameters:
    ///   - filter: which connections are wanted, as they are when they are closed.
    ///   - body: is given a connection and how its frames are named.
    public func connections(
        where filter: ConnectionFilter = .all,
        _ body: @escaping (ConnectionRecord, FrameNumbering) -> Void
    ) throws(CaptureError) -> InputResult {
        var lister = ConnectionLister(options.files.count == 1 ? .oneFile : nil, filter, body)
        return try run(&lister) { $0.begin($1) }
    }
}

/// Passes every connection on when it is closed and frames can be named.
struct ConnectionLister: ClosedConnectionObserver {
    private let body: (ConnectionRecord, FrameNumbering) -> Void
    private let filter: ConnectionFilter
    private var numbering: FrameNumbering?
    /// When the capture ended; nil before that.
    private var end: Timestamp?
    /// What was evicted before frames could be named.
    private var kept: [ConnectionRecord] = []

    /// - Parameter numbering: how frames are named, if that is known already.
    init(
        _ numbering: FrameNumbering?, _ filter: ConnectionFilter,
        _ body: @escaping (ConnectionRecord, FrameNumbering) -> Void
    ) {
        self.body = body
        self.filter = filter
        self.numbering = numbering
    }

    func split() -> ConnectionLister { ConnectionLister(nil, filter, body) }

    mutating func merge(_ other: ConnectionLister, _ numbers: RunNumbering.ShardNumbers) {
        for var record in other.kept {
            record.renumber(numbers)
            // It has passed the filter.
            if let numbering { body(record, numbering) } else { kept.append(record) }
        }
    }

    /// All frames are read, and can be named.
    mutating func begin(_ end: CaptureEnd) {
        self.end = end.time
        guard numbering == nil else { return }
        numbering = end.numbering
        for record in kept { body(record, end.numbering) }
        kept = []
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        let time =
            reason == .captureEnd ? end ?? record.connection.lastSeen : record.connection.lastSeen
        guard filter.isAll || filter.shows(ExaminedConnection(copy record, at: time)) else {
            return
        }
        guard let numbering else { return kept.append(copy record) }
        body(copy record, numbering)
    }
}
