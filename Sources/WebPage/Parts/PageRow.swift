internal import Analysis
internal import Diagnosis
internal import Monitoring
internal import Reports
internal import TCPState
internal import Wire

/// A connection as a row of the page: both ends, each a socket as long as it has one.
struct PageRow: Sendable {
    /// One end.
    struct End: Sendable {
        let name: String
        /// Nil where it is no socket: before its first segment, after its end.
        let state: State?
        let grade: Grade
        let since: Timestamp?
        let sendQueue: UInt32
    }

    let serial: UInt32
    var client: End
    var server: End
    /// Shows it in Wireshark.
    let filter: String
    let trouble: CaptureMoment.Trouble?
    let process: String?

    /// All that a search looks at.
    var words: String {
        let states = [client, server].compactMap { $0.state?.name(.netstat) }
        return ([client.name, server.name, trouble?.diagnosis.name ?? "", process ?? ""] + states)
            .joined(separator: " ").lowercased()
    }

    /// When an end entered its state last.
    var since: Timestamp {
        let times = [client.since, server.since].compactMap { $0 }
        return times.max() ?? Timestamp(nanoseconds: .min)
    }

    var sendQueue: UInt32 { max(client.sendQueue, server.sendQueue) }
}

extension PageRow {
    /// The rows of a capture at an instant, in the order of their connections.
    static func rows(
        _ table: SocketTable, _ troubles: [UInt32: CaptureMoment.Trouble], _ report: Report
    ) -> [PageRow] {
        var rows: [PageRow] = []
        for socket in table.rows {
            let connection = socket.record.connection
            let end = End(
                name: socket.record.name(socket.side), state: socket.state, grade: socket.grade,
                since: socket.since, sendQueue: socket.sendQueue)
            let role = connection.role(socket.side)
            if rows.last?.serial != connection.serial {
                let none = { (role: Role) in
                    End(
                        name: socket.record.name(connection.side(role)), state: nil,
                        grade: .proved, since: nil, sendQueue: 0)
                }
                rows.append(
                    PageRow(
                        serial: connection.serial, client: none(.client), server: none(.server),
                        filter: report.displayFilter(of: socket.record),
                        trouble: troubles[connection.serial], process: nil))
            }
            if role == .client {
                rows[rows.count - 1].client = end
            } else {
                rows[rows.count - 1].server = end
            }
        }
        return rows
    }

    /// A connection of a live run.
    init(_ sample: ConnectionSample) {
        let connection = sample.record.connection
        func end(_ role: Role) -> End {
            let endpoint = connection[role]
            return End(
                name: sample.record.name(connection.side(role)),
                state: SocketRow.shows(endpoint.state) ? endpoint.state : nil,
                grade: endpoint.grade, since: endpoint.since,
                sendQueue: endpoint.unacknowledgedBytes)
        }
        let opener = connection.opener
        let client = sample.record.address(opener)
        let family = client.isIPv4 ? "ip" : "ipv6"
        self.init(
            serial: connection.serial, client: end(.client), server: end(.server),
            filter:
                "\(family).addr == \(client) && tcp.port == \(sample.record.port(opener))"
                + " && tcp.port == \(sample.record.port(opener.peer))",
            trouble: sample.trouble.map {
                CaptureMoment.Trouble(
                    diagnosis: $0.finding.diagnosis, severity: $0.finding.severity)
            }, process: sample.process)
    }
}

extension ConnectionRecord {
    /// Address and port of an end.
    fileprivate func name(_ side: Side) -> String { address(side).text(port: port(side)) }
}
