internal import Diagnosis
internal import TCPState

/// All fields of all JSON rows. A name is here once: it means the same in every command.
enum JSONTerms {
    static let schema = JSONTerm(
        "schema", .integer, "the version of the JSON Schema that the line follows",
        ecs: "wirestate.schema")

    // MARK: Times

    static let ts = JSONTerm(
        "ts", .time, "when it happened, or holds: the best estimate, nanoseconds since 1970",
        nullable: true, ecs: "@timestamp", otel: "time_unix_nano")
    static let notBefore = JSONTerm(
        "not_before", .time, "it did not happen before this time, nanoseconds since 1970",
        nullable: true)
    static let notAfter = JSONTerm(
        "not_after", .time, "it did not happen after this time, nanoseconds since 1970",
        nullable: true)
    static let since = JSONTerm(
        "since", .time, "when the state or the problem began, nanoseconds since 1970",
        nullable: true)
    static let firstSeen = JSONTerm(
        "first_seen", .time, "the time of the first frame, nanoseconds since 1970",
        nullable: true, ecs: "event.start")
    static let lastSeen = JSONTerm(
        "last_seen", .time, "the time of the last frame, nanoseconds since 1970", nullable: true,
        ecs: "event.end")
    static let oldest = JSONTerm(
        "oldest", .time, "when the oldest problem began, nanoseconds since 1970", nullable: true)
    static let newest = JSONTerm(
        "newest", .time, "when the latest problem began, nanoseconds since 1970", nullable: true)
    static let duration = JSONTerm(
        "duration", .duration, "from the first frame to the last, in nanoseconds",
        ecs: "event.duration")
    static let inState = JSONTerm(
        "in_state", .duration, "how long the end was in the state that it left, in nanoseconds",
        nullable: true)
    static let age = JSONTerm(
        "age", .duration,
        "from the beginning of the problem to the end of the capture, in nanoseconds")
    static let length = JSONTerm(
        "length", .duration, "what the diagnosis measures, in nanoseconds")
    static let shortest = JSONTerm(
        "shortest", .duration, "the shortest of what the diagnosis measures, in nanoseconds")
    static let longest = JSONTerm(
        "longest", .duration, "the longest of what the diagnosis measures, in nanoseconds")
    static let timerLeft = JSONTerm(
        "timer_left", .duration, "how long the timer still runs, in nanoseconds", nullable: true)

    // MARK: Ends

    static let src = JSONTerm(
        "src", .address, "the address of the client, who opened the connection",
        ecs: "source.ip", otel: "source.address")
    static let sport = JSONTerm(
        "sport", .port, "the client's port", ecs: "source.port", otel: "source.port")
    static let dst = JSONTerm(
        "dst", .address, "the address of the server", ecs: "destination.ip",
        otel: "destination.address")
    static let dport = JSONTerm(
        "dport", .port, "the server's port", ecs: "destination.port", otel: "destination.port")
    static let client = JSONTerm(
        "client", .end, "address and port of the end that opened the connection", ecs: "client",
        otel: "client")
    static let server = JSONTerm(
        "server", .end, "address and port of the other end", ecs: "server", otel: "server")
    static let local = JSONTerm(
        "local", .end, "address and port of the socket", otel: "network.local")
    static let remote = JSONTerm(
        "remote", .end, "address and port of the socket's peer", otel: "network.peer")
    static let endpoint = JSONTerm(
        "endpoint", .words(Role.allCases.map(\.name)), "which end it is about", otel: "tcp.endpoint"
    )
    static let localEndpoint = JSONTerm(
        "local_endpoint", .words(Role.allCases.map(\.name) + ["both"]),
        "which end has an address of --local", nullable: true)
    static let rolesKnown = JSONTerm(
        "roles_known", .flag,
        "whether the handshake shows which end is the client; if not, the ports decide")
    static let service = JSONTerm(
        "service", .text, "address and port of the server; the address alone for all of its ports",
        nullable: true, ecs: "service.address")
    static let process = JSONTerm(
        "process", .text, "the local program that holds the socket", nullable: true,
        ecs: "process.name", otel: "process.executable.name")
    static let interface = JSONTerm(
        "interface", .text, "the network interface", ecs: "observer.ingress.interface.name",
        otel: "network.interface.name")
    static let vlan = JSONTerm("vlan", .integer, "the VLAN's identifier", ecs: "network.vlan.id")
    static let proto = JSONTerm(
        "proto", .words(["tcp", "tcp6"]), "the protocol, as in netstat's first column")

    // MARK: States

    static let from = JSONTerm(
        "from", .state, "the state that ended", otel: "tcp.state.from")
    static let to = JSONTerm("to", .state, "the state that began", otel: "tcp.state.to")
    static let state = JSONTerm(
        "state", .state, "the state of the end", otel: "network.connection.state")
    static let clientState = JSONTerm("client_state", .state, "the client's state")
    static let serverState = JSONTerm("server_state", .state, "the server's state")
    static let wireState = JSONTerm(
        "wire_state", .state, "the socket's state by its packets", nullable: true)
    static let kernelState = JSONTerm(
        "kernel_state", .state, "the socket's state by the kernel", nullable: true)
    static let states = JSONTerm("states", .counts, "how many ends are in each state")
    static let clientStates = JSONTerm(
        "client_states", .counts, "how many clients are in each state", nullable: true)
    static let serverStates = JSONTerm(
        "server_states", .counts, "how many servers are in each state", nullable: true)
    static let localStates = JSONTerm(
        "local_states", .counts, "how many local ends (--local) are in each state", nullable: true)
    static let remoteStates = JSONTerm(
        "remote_states", .counts, "how many other ends are in each state",
        nullable: true)
    static let statePairs = JSONTerm(
        "state_pairs", .records("state_pair"), "the states of both ends, the most frequent first")
    static let grade = JSONTerm(
        "grade", .words(["proved", "inferred", "assumed"]),
        "how sure it is: proved by a segment, inferred from the peer's, or assumed",
        otel: "tcp.grade")
    static let timer = JSONTerm(
        "timer", .text, "the timer that explains the change, where no segment shows it",
        nullable: true)
    static let timerKind = JSONTerm(
        "timer_kind", .words(["on", "off", "timewait"]),
        "the socket's timer, as netstat -o names it")
    static let sendQueue = JSONTerm(
        "send_queue", .integer, "bytes that were sent and are not acknowledged")
    static let closeCause = JSONTerm(
        "close_cause", .text, "how the connection ended, or that it has not", ecs: "event.reason")
    static let closer = JSONTerm(
        "closer", .words(Role.allCases.map(\.name) + ["both"]), "which end began to close it",
        nullable: true)
    static let clientEnd = JSONTerm("client_end", .record("end"), "the client's end, in detail")
    static let serverEnd = JSONTerm("server_end", .record("end"), "the server's end, in detail")
    static let unacknowledged = JSONTerm(
        "unacknowledged", .integer, "bytes sent and not acknowledged, SYN and FIN included")
    static let unansweredRetransmissions = JSONTerm(
        "unanswered_retransmissions", .integer,
        "retransmissions since the peer last acknowledged anything new")
    static let unansweredKeepalives = JSONTerm(
        "unanswered_keepalives", .integer, "keepalive probes since the peer last sent anything")

    // MARK: Traffic

    static let packets = JSONTerm(
        "packets", .integer, "TCP segments", ecs: "network.packets")
    static let bytes = JSONTerm(
        "bytes", .integer, "bytes of IP packets", ecs: "network.bytes")
    static let payload = JSONTerm(
        "payload", .integer, "bytes of payload, retransmitted ones included")
    static let syn = JSONTerm("syn", .integer, "segments with SYN")
    static let fin = JSONTerm("fin", .integer, "segments with FIN")
    static let rst = JSONTerm("rst", .integer, "segments with RST")
    static let retransmissions = JSONTerm("retransmissions", .integer, "retransmitted segments")
    static let keepalives = JSONTerm("keepalives", .integer, "keepalive probes")
    static let clientTraffic = JSONTerm(
        "client_traffic", .record("traffic"), "what the client sent")
    static let serverTraffic = JSONTerm(
        "server_traffic", .record("traffic"), "what the server sent")
    static let completeness = JSONTerm(
        "completeness", .integer, "Wireshark's tcp.completeness before the last frame")
    static let completenessFinal = JSONTerm(
        "completeness_final", .integer, "Wireshark's tcp.completeness after the last frame")
    static let anomalies = JSONTerm("anomalies", .texts, "names of the anomalies that were seen")
    static let wireBytes = JSONTerm("wire_bytes", .integer, "bytes of all frames on the wire")

    // MARK: Names

    static let frame = JSONTerm(
        "frame", .frame, "the frame that shows it", nullable: true, otel: "tcp.evidence.frame")
    static let firstFrame = JSONTerm("first_frame", .frame, "the first frame", nullable: true)
    static let lastFrame = JSONTerm("last_frame", .frame, "the last frame", nullable: true)
    static let laterFrame = JSONTerm(
        "later_frame", .frame, "a later frame that shows the consequence",
        nullable: true)
    static let stream = JSONTerm("stream", .integer, "Wireshark's tcp.stream")
    static let connection = JSONTerm(
        "connection", .integer, "the connection's number in the run, from 0")
    static let uid = JSONTerm(
        "uid", .text, "the connection's name, the same in every run and format", ecs: "event.id")
    static let communityID = JSONTerm(
        "community_id", .text, "the Community ID of both ends, version 1",
        ecs: "network.community_id")
    static let filter = JSONTerm("filter", .text, "a display filter for Wireshark")

    // MARK: Reports

    static let files = JSONTerm("files", .texts, "the files, as they were named")
    static let frames = JSONTerm("frames", .integer, "how many frames")
    static let segments = JSONTerm("tcp", .integer, "frames that are TCP segments")
    static let setAside = JSONTerm(
        "set_aside", .counts, "frames that are not TCP segments, by reason")
    static let skipped = JSONTerm(
        "skipped_by_filter", .integer, "frames that the capture filter skipped")
    static let connectionCount = JSONTerm("connection_count", .integer, "how many connections")
    static let findingCount = JSONTerm("finding_count", .integer, "how many findings")
    static let oneSided = JSONTerm(
        "one_sided", .integer, "connections with one direction missing")
    static let vantage = JSONTerm("vantage", .text, "where the capture was taken")
    static let vantageReason = JSONTerm(
        "vantage_reason", .text, "what the capture point is concluded from", nullable: true)
    static let dropped = JSONTerm(
        "dropped", .integer, "packets that the capture reports as lost", nullable: true)
    static let evicted = JSONTerm(
        "evicted", .integer, "connections removed early because the table was full")
    static let framesBackInTime = JSONTerm(
        "frames_back_in_time", .integer, "frames whose time lies before the previous one's")
    static let problems = JSONTerm("problems", .texts, "what was wrong with the files")
    static let shards = JSONTerm(
        "shards", .records("shard"), "the file of each shard, from shard 0")
    static let size = JSONTerm("size", .integer, "the file's size in bytes")
    static let passed = JSONTerm("passed", .flag, "whether the check, or the rule, passed")
    static let rules = JSONTerm("rules", .records("rule"), "each rule of the check")
    static let rule = JSONTerm(
        "rule", .text, "the rule: of a check as it was written, of a disagreement what explains it")

    // MARK: Findings

    static let diagnosis = JSONTerm(
        "diagnosis", .words(Diagnosis.allCases.map(\.name)), "the kind of finding",
        ecs: "rule.name")
    static let also = JSONTerm(
        "also", .text, "the kind as seen from the other side", nullable: true)
    static let severity = JSONTerm(
        "severity", .words(Severity.allCases.map(\.name)), "how bad it is", ecs: "log.level")
    static let fault = JSONTerm("fault", .text, "who has to act")
    static let settled = JSONTerm(
        "settled", .flag, "whether the capture is long enough to confirm it")
    static let count = JSONTerm("count", .integer, "how many there are")
    static let related = JSONTerm(
        "related", .integer, "more connections that are affected, without evidence of their own")
    static let countBeforeStart = JSONTerm(
        "count_before_start", .integer, "how many of them were there before the run began")
    static let presentBeforeStart = JSONTerm(
        "present_before_start", .flag, "whether it was there before the run began")
    static let title = JSONTerm("title", .text, "the finding in a few words", ecs: "message")
    static let sentence = JSONTerm("sentence", .text, "what the packets show")
    static let refutedBy = JSONTerm(
        "refuted_by", .text, "what would refute it, to be ruled out first", nullable: true)
    static let rivals = JSONTerm(
        "rivals", .records("rival"), "what else would explain the packets")
    static let rival = JSONTerm("rival", .text, "the other explanation")
    static let fact = JSONTerm(
        "fact", .text, "what in the capture refutes it; null where nothing does", nullable: true)
    static let doubtful = JSONTerm(
        "doubtful", .texts, "flaws of the capture that make it doubtful")
    static let remedy = JSONTerm("remedy", .texts, "what to do")
    static let connections = JSONTerm(
        "connections", .records("finding_connection"), "its connections, or the oldest few")
    static let waitState = JSONTerm(
        "situation", .text, "the situation in which the connection waits", nullable: true)
    static let waitingFor = JSONTerm(
        "waiting_for", .text, "the side that it waits for", nullable: true)
    static let repeated = JSONTerm(
        "repeated", .integer, "how many of the events happened that the diagnosis counts")
    static let trap = JSONTerm("trap", .text, "the flaw of the capture")
    static let total = JSONTerm("of", .integer, "of how many")
    static let unit = JSONTerm("unit", .text, "what is counted")
    static let detail = JSONTerm("detail", .text, "more about it", nullable: true)
    static let effect = JSONTerm("effect", .text, "what it does to the results")
    static let blocks = JSONTerm(
        "blocks", .texts, "diagnoses that it makes doubtful")

    // MARK: Live

    static let event = JSONTerm(
        "event",
        .words([
            "found", "confirmed", "withdrawn", "amended", "stuck", "cleared", "disagreement",
            "agreement", "states", "notice", "finding",
        ]), "what happened", ecs: "event.action")
    static let change = JSONTerm(
        "change", .words(["opened", "grew", "closed"]), "how the finding has changed")
    static let kind = JSONTerm("kind", .text, "how packets and kernel disagree")
    static let text = JSONTerm("text", .text, "a message in plain text", ecs: "message")
    static let name = JSONTerm("name", .text, "the interface's name")
    static let description = JSONTerm(
        "description", .text, "what the interface is", nullable: true)
    static let addresses = JSONTerm("addresses", .texts, "its addresses")
    static let flags = JSONTerm("flags", .texts, "its flags")

    // MARK: Logs of live runs

    static let logLines = JSONTerm("log_lines", .integer, "lines that were read")
    static let damagedLines = JSONTerm("damaged_lines", .integer, "lines that are not events")
    static let changeCounts = JSONTerm(
        "change_counts", .counts,
        "state changes: how many were found, confirmed, withdrawn, amended")
    static let notices = JSONTerm("notices", .texts, "messages about the capture, the first ones")
    static let most = JSONTerm("most", .integer, "the most connections that it had at once")
    static let until = JSONTerm(
        "until", .time, "when it ended; null if it did not", nullable: true)
    static let times = JSONTerm("times", .integer, "how often it began")
    static let cleared = JSONTerm("cleared", .integer, "how many of them ended")

    // MARK: Explanations

    static let segmentRows = JSONTerm(
        "segments", .records("segment"), "the connection's segments")
    static let transitions = JSONTerm(
        "transitions", .records("transition"), "the changes of state, the final history")
    static let withdrawals = JSONTerm(
        "withdrawals", .records("withdrawal"),
        "changes that were inferred and did not happen")
    static let controlBits = JSONTerm("control_bits", .texts, "the segment's control bits")
    static let sequence = JSONTerm("seq", .integer, "the sequence number, as in the header")
    static let acknowledgment = JSONTerm("ack", .integer, "the acknowledgment number")
    static let payloadLength = JSONTerm("len", .integer, "bytes of the segment's payload")
    static let notes = JSONTerm("notes", .texts, "what is odd about the segment")
    static let meaning = JSONTerm("meaning", .text, "what the state or the threshold means")
    static let summary = JSONTerm("summary", .text, "the kind of finding, in one line")
    static let definition = JSONTerm(
        "definition", .text, "what the diagnosis means, and how it is recognised")
    static let thresholds = JSONTerm(
        "thresholds", .records("threshold"), "the thresholds that decide about it")
    static let threshold = JSONTerm("threshold", .text, "the name that --threshold takes")
    static let standard = JSONTerm("default", .text, "its value unless --threshold sets another")
    static let example = JSONTerm(
        "example", .text, "an example capture, in the source tree of wirestate", nullable: true)
    static let entered = JSONTerm("entered", .text, "how the state is entered")
    static let left = JSONTerm("left", .text, "how the state is left")
    static let kept = JSONTerm("kept_by", .text, "what keeps an end in the state")
    static let settings = JSONTerm("settings", .text, "which settings matter")
}
