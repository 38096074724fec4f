internal import Hashing
public import Wire

/// Connections as Zeek's conn.log.
public struct ZeekConnections: Format {
    /// A connection with its name.
    public struct Row {
        let connection: ZeekConnection
        let uid: String

        /// - Parameter uid: see `ConnectionUID`.
        public init(_ connection: ZeekConnection, uid: String) {
            self.connection = connection
            self.uid = uid
        }
    }

    private var log: ZeekLog
    private let isLocal: ((Address) -> Bool)?

    /// - Parameters:
    ///   - path: `conn`, or `open_conn` for connections that are still open.
    ///   - isJSON: whether rows are JSON lines.
    ///   - isLocal: whether an address is of the own site; nil where nothing was said about it.
    public init(path: String = "conn", isJSON: Bool, isLocal: ((Address) -> Bool)? = nil) {
        log = ZeekLog(path: path, fields: ZeekConnections.fields, form: isJSON ? .json : .text)
        self.isLocal = isLocal
    }

    /// Writes a row.
    public mutating func write(_ row: Row, to sink: inout some Sink & ~Copyable) {
        let connection = row.connection
        let (orig, resp) = (connection.originator, connection.responder)
        let sent = connection.counts(ofResponder: false)
        let received = connection.counts(ofResponder: true)
        log.write(
            [
                .time(connection.first), .text(row.uid), .text(orig.address.description),
                .count(UInt64(orig.port)), .text(resp.address.description),
                .count(UInt64(resp.port)), .text("tcp"), .unset,
                connection.duration.map { .interval($0) } ?? .unset,
                sent.payload.map { .count($0) } ?? .unset,
                received.payload.map { .count($0) } ?? .unset,
                .text(connection.connectionState), local(orig.address), local(resp.address),
                .count(connection.missedBytes),
                connection.history.isEmpty ? .unset : .text(connection.history),
                .count(sent.packets), .count(sent.bytes), .count(received.packets),
                .count(received.bytes), .unset, .count(6),
                .text(CommunityID.tcp(orig, resp)),
            ], at: connection.first, to: &sink)
    }

    /// Ends the log.
    public mutating func end(_ sink: inout some Sink & ~Copyable) { log.end(&sink) }

    private func local(_ address: Address) -> ZeekLog.Value {
        isLocal.map { .flag($0(address)) } ?? .unset
    }

    /// Zeek, `scripts/base/protocols/conn/main.zeek`, and `community_id` as its policy script of that name adds it.
    private static let fields: [ZeekLog.Field] = [
        ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"),
        ("id.resp_h", "addr"), ("id.resp_p", "port"), ("proto", "enum"), ("service", "string"),
        ("duration", "interval"), ("orig_bytes", "count"), ("resp_bytes", "count"),
        ("conn_state", "string"), ("local_orig", "bool"), ("local_resp", "bool"),
        ("missed_bytes", "count"), ("history", "string"), ("orig_pkts", "count"),
        ("orig_ip_bytes", "count"), ("resp_pkts", "count"), ("resp_ip_bytes", "count"),
        ("tunnel_parents", "set[string]"), ("ip_proto", "count"), ("community_id", "string"),
    ]
}
