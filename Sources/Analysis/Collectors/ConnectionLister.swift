public import Capture
public import Reports
public import TCPState
import Tracking
import Wire

extension CaptureAnalysis {
    /// Reads the captures and calls `body` with every connection when it is closed: in the order of first
    /// segments, except for those that were evicted from a full table.
    ///
    /// - Parameter body: is given a connection and how its frames are named.
    public func connections(
        _ body: @escaping (ConnectionRecord, FrameNumbering) -> Void
    ) throws(CaptureError) -> InputResult {
        var lister = ConnectionLister(options.files.count == 1 ? .oneFile : nil, body)
        return try run(&lister) { $0.begin($1.numbering) }
    }
}

/// Passes every connection on when it is closed and frames can be named.
private struct ConnectionLister: ClosedConnectionObserver {
    private let body: (ConnectionRecord, FrameNumbering) -> Void
    private var numbering: FrameNumbering?
    /// What was evicted before frames could be named.
    private var kept: [ConnectionRecord] = []

    /// - Parameter numbering: how frames are named, if that is known already.
    init(
        _ numbering: FrameNumbering?, _ body: @escaping (ConnectionRecord, FrameNumbering) -> Void
    ) {
        self.body = body
        self.numbering = numbering
    }

    func split() -> ConnectionLister { ConnectionLister(nil, body) }

    mutating func merge(_ part: ConnectionLister, _ numbers: RunNumbering.ShardNumbers) {
        for var record in part.kept {
            record.renumber(numbers)
            connectionClosed(record, .evicted)
        }
    }

    /// Frames can be named.
    mutating func begin(_ numbering: FrameNumbering) {
        guard self.numbering == nil else { return }
        self.numbering = numbering
        for record in kept { body(record, numbering) }
        kept = []
    }

    mutating func connectionClosed(_ record: ConnectionRecord, _ reason: RemovalReason) {
        guard let numbering else { return kept.append(record) }
        body(record, numbering)
    }
}
