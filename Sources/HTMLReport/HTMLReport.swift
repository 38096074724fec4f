internal import Diagnosis
public import Reports
public import TCPState
internal import Wire

/// A report as one HTML file for a ticket: readable without a script, better with it; no request leaves it.
///
/// All that a capture, a file name or a process chose goes through ``Markup``'s escaping; a content security policy
/// forbids everything but the style sheet and the script of this file, by their hashes.
public struct HTMLReport: Format {
    /// What the page shows beside the report.
    public struct Content: Sendable {
        let report: Report
        /// The states at equal steps, in order.
        let samples: [StateSample]
        /// Ladders of example connections, by stream.
        let ladders: [UInt32: Ladder]
        /// What became of each service's connections, the busiest first.
        let services: [ServiceRow]
        /// Connections for the list: those with findings first.
        let connections: [ConnectionTimeline]

        /// Joins the parts.
        public init(
            report: Report, samples: [StateSample], ladders: [UInt32: Ladder],
            services: [ServiceRow], connections: [ConnectionTimeline]
        ) {
            self.report = report
            self.samples = samples
            self.ladders = ladders
            self.services = services
            self.connections = connections
        }
    }

    /// As many findings are shown at length; the others have a row of the table.
    public static let findingsAtLength = 100
    /// As many findings have a row that is not folded.
    static let findingsAtOnce = 300
    /// As many connections are in the list.
    public static let listedConnections = 2000
    /// As many services have a row.
    static let listedServices = 200

    /// Makes one.
    public init() {}

    /// Writes the page.
    public mutating func write(_ content: Content, to sink: inout some Sink & ~Copyable) {
        let names = content.report.input.files.map { $0 == "-" ? "standard input" : $0 }
        let title =
            "TCP report: " + (names.first ?? "")
            + (names.count > 1 ? " and \(names.count - 1) more" : "")
        HTMLDocument(title: title, parts: HTMLReportPage(content).parts).write(to: &sink)
    }
}

/// What became of the connections of one service.
public struct ServiceRow: Sendable {
    /// The server's address and port.
    public let name: String
    /// Connections.
    public private(set) var count: UInt64 = 0
    private var endings = [UInt64](repeating: 0, count: Ending.allCases.count)

    /// A service without connections so far.
    public init(name: String) { self.name = name }

    /// Counts a connection.
    public mutating func count(_ connection: borrowing @_addressable Connection) {
        count += 1
        endings[Int(Ending(of: connection).rawValue)] += 1
    }

    subscript(endings wanted: Ending...) -> UInt64 {
        wanted.reduce(0) { $0 + endings[Int($1.rawValue)] }
    }
}

/// The states of one connection's ends over time.
public struct ConnectionTimeline: Sendable {
    let record: ConnectionRecord
    let history: [TransitionRow]

    /// - Parameter history: its changes of state in order of time.
    public init(record: ConnectionRecord, history: [TransitionRow]) {
        self.record = record
        self.history = history
    }
}
