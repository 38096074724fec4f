internal import Analysis
internal import Diagnosis
internal import Monitoring
internal import Reports
internal import TCPState
internal import Wire

/// A connection as a row of the page: both ends, each a socket as long as it has one. Texts are made for the rows that are
/// shown.
struct PageRow: Sendable {
    /// One end.
    struct End: Sendable {
        let address: Address
        let port: UInt16
        /// Nil where it is no socket: before its first segment, after its end.
        let state: State?
        let grade: Grade
        let since: Timestamp?
        let sendQueue: UInt32

        /// Address and port.
        var name: String { address.text(port: port) }
    }

    let serial: UInt32
    var client: End
    var server: End
    /// The number that Wireshark gives its stream; nil where it gives it none.
    let stream: UInt32?
    let problem: CaptureMoment.Problem?
    let process: String?

    /// Shows it in Wireshark.
    var filter: String {
        Report.displayFilter(
            stream: stream, client.address, ports: (client.port, server.port))
    }

    /// All that a search looks at.
    var words: String {
        let states = [client, server].compactMap { $0.state?.name(.netstat) }
        return ([client.name, server.name, problem?.diagnosis.name ?? "", process ?? ""] + states)
            .joined(separator: " ").lowercased()
    }

    /// When an end entered its state last.
    var since: Timestamp {
        let none = Timestamp(nanoseconds: .min)
        return max(client.since ?? none, server.since ?? none)
    }

    var sendQueue: UInt32 { max(client.sendQueue, server.sendQueue) }
}

extension PageRow {
    /// The rows of a capture at an instant, in the order of their connections.
    static func rows(
        _ table: SocketTable, _ problems: [UInt32: CaptureMoment.Problem], _ report: Report
    ) -> [PageRow] {
        var rows: [PageRow] = []
        for socket in table.rows {
            let connection = socket.record.connection
            let end = End(
                address: socket.record.address(socket.side), port: socket.record.port(socket.side),
                state: socket.state, grade: socket.grade, since: socket.since,
                sendQueue: socket.sendQueue)
            let role = connection.role(socket.side)
            if rows.last?.serial != connection.serial {
                let none = { (role: Role) in
                    let side = connection.side(role)
                    return End(
                        address: socket.record.address(side), port: socket.record.port(side),
                        state: nil, grade: .proved, since: nil, sendQueue: 0)
                }
                rows.append(
                    PageRow(
                        serial: connection.serial, client: none(.client), server: none(.server),
                        stream: report.hasStreamNumbers ? connection.stream : nil,
                        problem: problems[connection.serial], process: nil))
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
            let side = connection.side(role)
            return End(
                address: sample.record.address(side), port: sample.record.port(side),
                state: SocketRow.shows(endpoint.state) ? endpoint.state : nil,
                grade: endpoint.grade, since: endpoint.since,
                sendQueue: endpoint.unacknowledgedBytes)
        }
        self.init(
            serial: connection.serial, client: end(.client), server: end(.server), stream: nil,
            problem: sample.problem.map {
                CaptureMoment.Problem(
                    diagnosis: $0.finding.diagnosis, severity: $0.finding.severity)
            }, process: sample.process)
    }
}
