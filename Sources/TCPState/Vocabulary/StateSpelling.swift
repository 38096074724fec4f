/// The dialects in which tools print TCP states.
public enum StateSpelling: String, CaseIterable, Sendable {
    /// Linux `netstat`: `SYN_RECV`, `FIN_WAIT1`, `CLOSE`.
    case netstat
    /// Linux `ss`: `SYN-RECV`, `ESTAB`, `UNCONN`.
    case ss
    /// RFC 9293: `SYN-RECEIVED`, `FIN-WAIT-1`.
    case rfc
    /// OpenTelemetry's `network.connection.state`: `syn_received`, `fin_wait_1`.
    case otel
    /// BSD and macOS `netstat`: `SYN_RCVD`, `FIN_WAIT_1`.
    case bsd
    /// Windows `netstat`: `SYN_RECEIVED`, `LISTENING`.
    case windows
}

extension State {
    /// The state's name in a dialect. `unknown` has no name in any of them and prints as UNKNOWN.
    public func name(_ spelling: StateSpelling = .netstat) -> String {
        let names: [String] =
            switch self {
            // netstat, ss, rfc, otel, bsd, windows
            case .unknown: ["UNKNOWN", "UNKNOWN", "UNKNOWN", "unknown", "UNKNOWN", "UNKNOWN"]
            case .closed: ["CLOSE", "UNCONN", "CLOSED", "closed", "CLOSED", "CLOSED"]
            case .listen: ["LISTEN", "LISTEN", "LISTEN", "listen", "LISTEN", "LISTENING"]
            case .synSent:
                ["SYN_SENT", "SYN-SENT", "SYN-SENT", "syn_sent", "SYN_SENT", "SYN_SENT"]
            case .synReceived:
                [
                    "SYN_RECV", "SYN-RECV", "SYN-RECEIVED", "syn_received", "SYN_RCVD",
                    "SYN_RECEIVED",
                ]
            case .established:
                [
                    "ESTABLISHED", "ESTAB", "ESTABLISHED", "established", "ESTABLISHED",
                    "ESTABLISHED",
                ]
            case .finWait1:
                [
                    "FIN_WAIT1", "FIN-WAIT-1", "FIN-WAIT-1", "fin_wait_1", "FIN_WAIT_1",
                    "FIN_WAIT_1",
                ]
            case .finWait2:
                [
                    "FIN_WAIT2", "FIN-WAIT-2", "FIN-WAIT-2", "fin_wait_2", "FIN_WAIT_2",
                    "FIN_WAIT_2",
                ]
            case .closeWait:
                [
                    "CLOSE_WAIT", "CLOSE-WAIT", "CLOSE-WAIT", "close_wait", "CLOSE_WAIT",
                    "CLOSE_WAIT",
                ]
            case .closing: ["CLOSING", "CLOSING", "CLOSING", "closing", "CLOSING", "CLOSING"]
            case .lastAck:
                ["LAST_ACK", "LAST-ACK", "LAST-ACK", "last_ack", "LAST_ACK", "LAST_ACK"]
            case .timeWait:
                ["TIME_WAIT", "TIME-WAIT", "TIME-WAIT", "time_wait", "TIME_WAIT", "TIME_WAIT"]
            }
        let column =
            switch spelling {
            case .netstat: 0
            case .ss: 1
            case .rfc: 2
            case .otel: 3
            case .bsd: 4
            case .windows: 5
            }
        return names[column]
    }
}
