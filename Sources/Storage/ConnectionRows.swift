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
    private(set) var connections = Rows()
    /// Of the table `transition_row`, without the row's number.
    static let transitionColumns = 5
    private(set) var transitions = Rows()
    private(set) var kinds = TransitionKind.Numbers()
    private(set) var names: [(name: ConnectionName, serial: UInt32)] = []

    /// No rows.
    public init() {}

    /// Adds a connection.
    ///
    /// - Parameters:
    ///   - count: how many changes of state it has, which are added next.
    ///   - before: how many all connections before it have.
    public mutating func add(_ record: ConnectionRecord, transitions count: Int, before: Int) {
        let connection = record.connection
        let (client, server) = (connection.opener, connection.opener.peer)
        let ends = [client, server].map { (address: record.address($0), port: record.port($0)) }
        let ending = Ending(of: connection)
        names.append((ConnectionName(connection), connection.serial))
        connections.add(connection.serial)
        connections.add(1)
        connections.add {
            ConnectionUID.append(ends[0], ends[1], first: connection.firstSeen, to: &$0)
        }
        connections.add { CommunityID.append(tcp: ends[0], ends[1], to: &$0) }
        connections.add(connection.stream)
        for end in ends {
            connections.add { end.address.appendText(to: &$0) }
            connections.add(end.port)
        }
        connections.add(connection.isOpenerKnown ? 1 : 0)
        connections.add(connection.firstSeen.nanoseconds)
        connections.add(connection.lastSeen.nanoseconds)
        for frame in [connection.firstFrame, connection.lastFrame] {
            let reference = FrameReference(rawValue: frame)
            connections.add(reference.file)
            connections.add(reference.number)
        }
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

    /// Adds a change of state of the last connection, in the order of its history.
    ///
    /// - Parameter time: the best estimate of when it happened.
    public mutating func add(
        _ transition: Transition, of record: ConnectionRecord, at time: Timestamp
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
