internal import Diagnosis
internal import Hashing
internal import Reports
public import TCPState
public import Wire

/// Rows of connections and of their changes of state, ready to be written. They are made without the database, by any
/// thread.
public struct ConnectionRows: Sendable {
    /// Of the table `connection`.
    static let columns = 39
    private(set) var connections: Rows
    /// Of the table `transition_row`, without the row's number.
    static let transitionColumns = 5
    private(set) var transitions: Rows
    private(set) var kinds = TransitionKind.Numbers()
    private(set) var names: [NumberedConnection] = []

    /// No rows yet, and room for those of so many connections and changes of state.
    public init(connections count: Int, transitions: Int) {
        // Few connections have texts of more than 256 bytes.
        connections = Rows(values: count * ConnectionRows.columns, bytes: count * 256)
        self.transitions = Rows(values: transitions * ConnectionRows.transitionColumns)
        names.reserveCapacity(count)
    }

    /// Adds a connection.
    ///
    /// - Parameters:
    ///   - count: how many changes of state it has, which are added next.
    ///   - before: how many all connections before it have.
    public mutating func add(
        _ record: borrowing ConnectionRecord, transitions count: Int, before: Int
    ) {
        let connection = record.connection
        let (client, server) = (connection.opener, connection.opener.peer)
        let ends = (
            client: (address: record.address(client), port: record.port(client)),
            server: (address: record.address(server), port: record.port(server))
        )
        let ending = Ending(of: connection)
        names.append(
            NumberedConnection(name: ConnectionName(connection), serial: connection.serial))
        connections.add(connection.serial)
        connections.add(1)
        connections.add {
            ConnectionUID.append(ends.client, ends.server, first: connection.firstSeen, to: &$0)
        }
        connections.add { CommunityID.append(tcp: ends.client, ends.server, to: &$0) }
        connections.add(connection.stream)
        connections.add { ends.client.address.appendText(to: &$0) }
        connections.add(ends.client.port)
        connections.add { ends.server.address.appendText(to: &$0) }
        connections.add(ends.server.port)
        connections.add(connection.isOpenerKnown ? 1 : 0)
        connections.add(connection.firstSeen.nanoseconds)
        connections.add(connection.lastSeen.nanoseconds)
        add(FrameReference(rawValue: connection.firstFrame))
        add(FrameReference(rawValue: connection.lastFrame))
        connections.add(connection.client.state.name(.netstat))
        connections.add(connection.server.state.name(.netstat))
        connections.add(ending.cause)
        connections.add(ending.closer)
        connections.add(connection.completeness)
        for role in Role.allCases {
            let end = connection[role]
            connections.add(end.packets)
            connections.add(end.bytes)
            connections.add(end.payload)
            connections.add(end.synCount)
            connections.add(end.finCount)
            connections.add(end.rstCount)
            connections.add(end.retransmissions)
            connections.add(end.grade.name)
        }
        connections.add(before + 1)
        connections.add(count)
    }

    private mutating func add(_ frame: FrameReference) {
        connections.add(frame.file)
        connections.add(frame.number)
    }

    /// Adds a change of state of the last connection, in the order of its history.
    ///
    /// - Parameter time: the best estimate of when it happened.
    public mutating func add(
        _ transition: Transition, of record: borrowing ConnectionRecord, at time: Timestamp
    ) {
        let kind = TransitionKind(transition, record.connection.role(transition.side)).number
        kinds.insert(kind)
        transitions.add(time.nanoseconds)
        transitions.add(transition.notBefore.map { (time - $0).nanoseconds })
        transitions.add(transition.notAfter.map { ($0 - time).nanoseconds })
        transitions.add(kind)
        transitions.add(Int64(bitPattern: transition.frame))
    }
}
