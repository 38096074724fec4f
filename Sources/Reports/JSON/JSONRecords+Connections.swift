internal import Diagnosis
internal import Hashing
internal import TCPState
internal import Wire

/// All kinds of JSON objects.
enum JSONRecords {
    /// A connection, as it stood at the end.
    static let connection = JSONRecord<ConnectionRecord>(
        "connection", "a line of `connections`: a connection as it stood at the end",
        [
            .field(JSONTerms.src) { .address($0.address($0.connection.opener)) },
            .field(JSONTerms.sport) { .port($0.port($0.connection.opener)) },
            .field(JSONTerms.dst) { .address($0.address($0.connection.opener.peer)) },
            .field(JSONTerms.dport) { .port($0.port($0.connection.opener.peer)) },
            .field(JSONTerms.client) { $0.end(.client) },
            .field(JSONTerms.server) { $0.end(.server) },
            .field(JSONTerms.packets) {
                .count($0.connection.client.packets + $0.connection.server.packets)
            },
            .field(JSONTerms.bytes) {
                .count($0.connection.client.bytes &+ $0.connection.server.bytes)
            },
            // tshark prints the mask as it stood before a frame, the Wireshark window as it ends up.
            .field(JSONTerms.completeness) {
                .integer(Int64($0.connection.completenessBeforeLast))
            },
            .field(JSONTerms.completenessFinal) { .integer(Int64($0.connection.completeness)) },
            .field(JSONTerms.stream) { .integer(Int64($0.connection.stream)) },
            .field(JSONTerms.connection) { .integer(Int64($0.connection.serial)) },
            .field(JSONTerms.uid) { record in
                .text(
                    ConnectionUID.text(
                        record.ends[0], record.ends[1], first: record.connection.firstSeen))
            },
            .field(JSONTerms.communityID) { .text(CommunityID.tcp($0.ends[0], $0.ends[1])) },
            .field(JSONTerms.rolesKnown) { .flag($0.connection.isOpenerKnown) },
            .field(JSONTerms.firstSeen) { .time($0.connection.firstSeen) },
            .field(JSONTerms.lastSeen) { .time($0.connection.lastSeen) },
            .field(JSONTerms.duration) {
                .duration($0.connection.lastSeen - $0.connection.firstSeen)
            },
            .field(JSONTerms.firstFrame) { .frame($0.connection.firstFrame) },
            .field(JSONTerms.lastFrame) { .frame($0.connection.lastFrame) },
            .field(JSONTerms.clientState) { .state($0.connection.client.state) },
            .field(JSONTerms.serverState) { .state($0.connection.server.state) },
            .field(JSONTerms.closeCause) { .text(Ending(of: $0.connection).cause) },
            .field(JSONTerms.closer) { .text(Ending(of: $0.connection).closer) },
            .field(JSONTerms.clientEnd) { record in
                .object { JSONRecords.end.object(EndRow(record.connection.client), $0) }
            },
            .field(JSONTerms.serverEnd) { record in
                .object { JSONRecords.end.object(EndRow(record.connection.server), $0) }
            },
            .field(JSONTerms.clientTraffic) { record in
                .object { JSONRecords.traffic.object(record.connection.client, $0) }
            },
            .field(JSONTerms.serverTraffic) { record in
                .object { JSONRecords.traffic.object(record.connection.server, $0) }
            },
            .field(JSONTerms.anomalies) { .texts(anomalyNames($0.connection.anomalies)) },
        ])

    /// What one end sent.
    static let traffic = JSONRecord<Endpoint>(
        "traffic", "what one end of a connection sent",
        [
            .field(JSONTerms.packets) { .count($0.packets) },
            .field(JSONTerms.bytes) { .count($0.bytes) },
            .field(JSONTerms.payload) { .count($0.payload) },
            .field(JSONTerms.syn) { .integer(Int64($0.synCount)) },
            .field(JSONTerms.fin) { .integer(Int64($0.finCount)) },
            .field(JSONTerms.rst) { .integer(Int64($0.rstCount)) },
            .field(JSONTerms.retransmissions) { .integer(Int64($0.retransmissions)) },
            .field(JSONTerms.keepalives) { .integer(Int64($0.keepalives)) },
        ])

    /// One end, as it stands.
    struct EndRow {
        let state: State
        let grade: Grade
        let since: Timestamp
        let frame: UInt64
        let unacknowledged: UInt32
        let retransmissions: UInt16
        let keepalives: UInt16

        init(_ end: Endpoint) {
            state = end.state
            grade = end.grade
            since = end.since
            frame = end.sinceFrame
            unacknowledged = end.unacknowledgedBytes
            retransmissions = end.unansweredRetransmissions
            keepalives = end.unansweredKeepalives
        }

        init(_ end: FindingExample.End) {
            state = end.state
            grade = end.grade
            since = end.since
            frame = end.frame
            unacknowledged = end.unacknowledgedBytes
            retransmissions = end.unansweredRetransmissions
            keepalives = end.unansweredKeepalives
        }
    }

    static let end = JSONRecord<EndRow>(
        "end", "one end of a connection, in detail",
        [
            .field(JSONTerms.state) { .state($0.state) },
            .field(JSONTerms.grade) { .text($0.grade.name) },
            .field(JSONTerms.since) { .time($0.state == .unknown ? nil : $0.since) },
            .field(JSONTerms.frame) { .frame($0.state == .unknown ? nil : $0.frame) },
            .field(JSONTerms.unacknowledged) { .integer(Int64($0.unacknowledged)) },
            .field(JSONTerms.unansweredRetransmissions) { .integer(Int64($0.retransmissions)) },
            .field(JSONTerms.unansweredKeepalives) { .integer(Int64($0.keepalives)) },
        ])

    /// A change of state, and what a live run knows of it.
    struct TransitionEvent {
        let row: TransitionRow
        var event: TransitionEvents.Event?
        var location: EventLocation?
        var process: String?
        var tap: String?
    }

    static let transition = JSONRecord<TransitionEvent>(
        "transition",
        "a line of `transitions`, `live`, `compare --transitions`: a change of one end's state",
        [
            .optional(JSONTerms.event) { $0.event.map { .text($0.rawValue) } ?? .absent },
            .field(JSONTerms.ts) { .time($0.row.time) },
            .field(JSONTerms.client) { $0.row.record.end(.client) },
            .field(JSONTerms.server) { $0.row.record.end(.server) },
            .field(JSONTerms.endpoint) {
                .text($0.row.record.connection.role($0.row.transition.side).name)
            },
            .field(JSONTerms.from) { .state($0.row.transition.from) },
            .field(JSONTerms.to) { .state($0.row.transition.to) },
            .field(JSONTerms.notBefore) { .time($0.row.transition.notBefore) },
            .field(JSONTerms.notAfter) { .time($0.row.transition.notAfter) },
            .field(JSONTerms.grade) { .text($0.row.transition.grade.name) },
            .field(JSONTerms.frame) { .frame($0.row.transition.frame) },
            .field(JSONTerms.stream) { .integer(Int64($0.row.record.connection.stream)) },
            .field(JSONTerms.connection) { .integer(Int64($0.row.record.connection.serial)) },
            .field(JSONTerms.inState) { .duration($0.row.timeInState) },
            .field(JSONTerms.timer) {
                .text($0.row.transition.timer == .none ? nil : $0.row.transition.timer.name)
            },
            .optional(JSONTerms.interface) { $0.location.map { .text($0.interface) } ?? .absent },
            .optional(JSONTerms.vlan) {
                $0.location?.vlan.map { .integer(Int64($0)) } ?? .absent
            },
            .optional(JSONTerms.process) { $0.process.map { .text($0) } ?? .absent },
            .optional(JSONTerms.tap) { $0.tap.map { .text($0) } ?? .absent },
        ])

    /// A socket at an instant.
    struct SocketState {
        let row: SocketRow
        let time: Timestamp?
        /// Whose timers to show; nil for none.
        let timers: StackProfile?

        var timer: (name: String, left: TimeSpan?)? {
            guard let time, let timers else { return nil }
            return row.timer(at: time, timers)
        }
    }

    static let socket = JSONRecord<SocketState>(
        "socket", "a line of `netstat`: a socket at an instant",
        [
            .field(JSONTerms.ts) { .time($0.time) },
            .field(JSONTerms.proto) {
                .text($0.row.record.address($0.row.side).isIPv4 ? "tcp" : "tcp6")
            },
            .field(JSONTerms.sendQueue) { .integer(Int64($0.row.sendQueue)) },
            .field(JSONTerms.local) {
                .end($0.row.record.address($0.row.side), $0.row.record.port($0.row.side))
            },
            .field(JSONTerms.remote) {
                .end($0.row.record.address($0.row.side.peer), $0.row.record.port($0.row.side.peer))
            },
            .field(JSONTerms.endpoint) {
                .text($0.row.record.connection.role($0.row.side).name)
            },
            .field(JSONTerms.state) { .state($0.row.state) },
            .field(JSONTerms.since) { .time($0.row.since) },
            .field(JSONTerms.grade) { .text($0.row.grade.name) },
            .field(JSONTerms.stream) { .integer(Int64($0.row.record.connection.stream)) },
            .field(JSONTerms.connection) { .integer(Int64($0.row.record.connection.serial)) },
            .optional(JSONTerms.timerKind) { $0.timer.map { .text($0.name) } ?? .absent },
            .optional(JSONTerms.timerLeft) { $0.timer.map { .duration($0.left) } ?? .absent },
        ])

    /// How many ends are in each state; without an event in a report and a series.
    struct StatesRow {
        var event: String?
        let time: Timestamp?
        let states: StateCounts
        var clients: StateCounts?
        var servers: StateCounts?
        var locals: StateCounts?
        var remotes: StateCounts?
    }

    static let stateCounts = JSONRecord<StatesRow>(
        "state_counts",
        "a line of `netstat --histogram`, `live`, `events` and `report`: how many ends are in each state",
        [
            .optional(JSONTerms.event) { $0.event.map { .text($0) } ?? .absent },
            .field(JSONTerms.ts) { .time($0.time) },
            .field(JSONTerms.states) { .states($0.states) },
            .field(JSONTerms.clientStates) { .states($0.clients) },
            .field(JSONTerms.serverStates) { .states($0.servers) },
            .field(JSONTerms.localStates) { .states($0.locals) },
            .field(JSONTerms.remoteStates) { .states($0.remotes) },
        ])
}

extension ConnectionRecord {
    /// The client and the server.
    fileprivate var ends: [(address: Address, port: UInt16)] {
        [connection.opener, connection.opener.peer].map { (address($0), port($0)) }
    }

    /// An end as a value of a row.
    func end(_ role: Role) -> JSONValue {
        let side = role == .client ? connection.opener : connection.opener.peer
        return .end(address(side), port(side))
    }
}
