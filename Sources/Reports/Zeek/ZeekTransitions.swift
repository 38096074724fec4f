internal import Hashing
public import TCPState
internal import Wire

/// Changes of state as a Zeek log of its own, `#path tcpstate`: joined with conn.log by `uid`.
public struct ZeekTransitions: Format {
    private var log: ZeekLog
    private let spelling: StateSpelling
    private let frames: FrameNumbering

    /// - Parameters:
    ///   - isJSON: whether rows are JSON lines.
    ///   - frames: how frames are named.
    public init(isJSON: Bool, spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile)
    {
        log = ZeekLog(
            path: "tcpstate", fields: ZeekTransitions.fields, form: isJSON ? .json : .text)
        self.spelling = spelling
        self.frames = frames
    }

    /// Writes a row.
    public mutating func write(_ row: TransitionRow, to sink: inout some Sink & ~Copyable) {
        let record = row.record
        let opener = record.connection.opener
        let orig = (address: record.address(opener), port: record.port(opener))
        let resp = (address: record.address(opener.peer), port: record.port(opener.peer))
        let transition = row.transition
        log.write(
            [
                .time(row.time),
                .text(ConnectionUID.text(orig, resp, first: record.connection.firstSeen)),
                .text(orig.address.description), .count(UInt64(orig.port)),
                .text(resp.address.description), .count(UInt64(resp.port)),
                .text(transition.side == opener ? "orig" : "resp"),
                .text(transition.from.name(spelling)), .text(transition.to.name(spelling)),
                .text(transition.timer == .none ? "segment" : transition.timer.name),
                .text(transition.grade.name),
                .text(frames.text(transition.frame)),
            ], at: row.time, to: &sink)
    }

    /// Ends the log.
    public mutating func end(_ sink: inout some Sink & ~Copyable) { log.end(&sink) }

    private static let fields: [ZeekLog.Field] = [
        ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"),
        ("id.resp_h", "addr"), ("id.resp_p", "port"), ("side", "string"), ("from", "string"),
        ("to", "string"), ("evidence", "string"), ("grade", "string"), ("frame", "string"),
    ]
}
