internal import Diagnosis
internal import Hashing
public import TCPState
internal import Wire

/// Connections as Suricata's EVE `flow` records, with our own facts under `wirestate`.
///
/// Names and forms are those of Suricata's `eve.json` (`src/output-json-flow.c`), so that what reads that reads these.
public struct EVEFlows {
    private let spelling: StateSpelling

    /// - Parameter spelling: for the states under `wirestate`.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// Writes a line.
    public mutating func write(
        _ record: ConnectionRecord, _ flow: EVEFlow, to sink: inout some Sink & ~Copyable
    ) {
        let connection = record.connection
        let (client, server) = (connection.opener, connection.opener.peer)
        let ends = [client, server].map { (address: record.address($0), port: record.port($0)) }
        let sent = flow.directions[client.rawValue]
        let received = flow.directions[server.rawValue]
        let uid = ConnectionUID.text(ends[0], ends[1], first: connection.firstSeen)
        var line = JSONObject()
        line.add("timestamp", EVEFlows.time(flow.last))
        line.add("flow_id", EVEFlows.number(uid))
        line.add("event_type", "flow")
        line.add("src_ip", EVEFlows.text(ends[0].address))
        line.add("src_port", ends[0].port)
        line.add("dest_ip", EVEFlows.text(ends[1].address))
        line.add("dest_port", ends[1].port)
        line.add("ip_v", ends[0].address.isIPv4 ? 4 : 6)
        line.add("proto", "TCP")
        line.add("community_id", CommunityID.tcp(ends[0], ends[1]))
        line.add("flow", object(flow, sent, received, connection))
        line.add("tcp", EVEFlows.flags(sent, received, connection))
        var own = JSONObject()
        own.add("uid", uid)
        own.add("client_state", connection.client.state.name(spelling))
        own.add("server_state", connection.server.state.name(spelling))
        let ending = Ending(of: connection)
        own.add("close_cause", ending.cause)
        own.add("closer", ending.closer)
        own.add("stream", connection.stream)
        line.add("wirestate", own)
        sink.write(line.line)
    }

    private func object(
        _ flow: EVEFlow, _ sent: EVEFlow.Direction, _ received: EVEFlow.Direction,
        _ connection: Connection
    ) -> JSONObject {
        let state = SuricataState(connection)
        var object = JSONObject()
        object.add("pkts_toserver", sent.packets)
        object.add("pkts_toclient", received.packets)
        object.add("bytes_toserver", sent.bytes)
        object.add("bytes_toclient", received.bytes)
        object.add("start", EVEFlows.time(flow.first))
        object.add("end", EVEFlows.time(flow.last))
        object.add("age", EVEFlows.seconds(flow.last) &- EVEFlows.seconds(flow.first))
        object.add("state", state.flowState)
        // Suricata's word for the end of the run; it gives its timeouts other words.
        object.add("reason", "shutdown")
        object.add("alerted", false)
        return object
    }

    private static func flags(
        _ sent: EVEFlow.Direction, _ received: EVEFlow.Direction, _ connection: Connection
    ) -> JSONObject {
        let all = sent.flags | received.flags
        var object = JSONObject()
        object.add("tcp_flags", hex(all))
        object.add("tcp_flags_ts", hex(sent.flags))
        object.add("tcp_flags_tc", hex(received.flags))
        // Suricata writes those only that were seen, from the lowest bit up.
        let names: [JSONKey] = ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"]
        for (bit, name) in names.enumerated() where all >> bit & 1 == 1 { object.add(name, true) }
        object.add("state", SuricataState(connection).name)
        return object
    }

    /// IPv6 with all its digits, as Suricata prints it (`src/util-print.c`, `PrintInetIPv6`).
    private static func text(_ address: Address) -> String {
        guard !address.isIPv4 else { return address.description }
        let groups = [address.high, address.low].flatMap { half in
            [48, 32, 16, 0].map { hexadecimal(UInt32(half >> $0 & 0xffff), digits: 4) }
        }
        return groups.joined(separator: ":")
    }

    private static func hex(_ flags: UInt8) -> String {
        (flags < 0x10 ? "0" : "") + String(flags, radix: 16)
    }

    /// `2026-11-20T23:19:54.123456+0000`.
    private static func time(_ time: Timestamp) -> String {
        let text = TimeText(time)
        return "\(text.date)T\(text.clock(6))+0000"
    }

    /// Whole seconds since 1970, rounded down.
    private static func seconds(_ time: Timestamp) -> Int64 {
        time.nanoseconds / 1_000_000_000 - (time.nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
    }

    /// 51 bits of the name, which every JSON reader takes whole.
    private static func number(_ uid: String) -> UInt64 {
        uid.utf8.reduce(0) { $0 &* 0x100_0000_01b3 ^ UInt64($1) } & (1 << 51 - 1)
    }
}

/// Suricata's one state for both ends.
///
/// Suricata, `src/stream-tcp-private.h` (`enum TcpState`) and `StreamTcpPacketSetState` in `src/stream-tcp.c`.
struct SuricataState {
    /// The name, as in `tcp.state`.
    let name: String

    init(_ connection: Connection) {
        let (client, server) = (connection.client, connection.server)
        let pair = [client.state, server.state]
        let hasReset = client.rstCount > 0 || server.rstCount > 0
        if pair.allSatisfy({ $0 == .closed || $0 == .timeWait })
            || hasReset && pair.contains(.closed)
        {
            name = "closed"
        } else if pair.contains(.closing) {
            name = "closing"
        } else if pair.contains(.lastAck) {
            name = "last_ack"
        } else if pair.contains(.closeWait) {
            name = "close_wait"
        } else if pair.contains(.finWait2) {
            name = "fin_wait2"
        } else if pair.contains(.finWait1) {
            name = "fin_wait1"
        } else if pair.contains(.synReceived) {
            name = "syn_recv"
        } else if client.state == .synSent {
            name = "syn_sent"
        } else if pair.contains(.established) {
            name = "established"
        } else {
            name = pair.contains(.closed) ? "closed" : "none"
        }
    }

    /// The name as in `flow.state`.
    var flowState: String {
        switch name {
        case "none", "syn_sent", "syn_recv": "new"
        case "closed", "last_ack": "closed"
        default: "established"
        }
    }
}
