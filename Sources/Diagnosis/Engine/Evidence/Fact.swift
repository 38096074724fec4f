public import Wire

/// A fact of the capture that refutes an explanation.
public enum Fact: Sendable {
    /// The RST has the TTL of the end's other segments of this connection.
    case sameTimeToLive(UInt8, segments: UInt64)
    /// The RST has the TTL of the SYN-ACKs that the host sends on other connections.
    case hostTimeToLive(UInt8)
    /// The RST has a TTL that no router has lowered, and the host's segments another one.
    case otherTimeToLive(UInt8, host: UInt8)
    /// The RST came from the hardware address of the end's SYN.
    case sameHardware
    /// The old hardware address sends nothing more.
    case moved
    /// The RST carries the live sequence number and an acknowledgment.
    case liveNumbers
    /// The RST answers a segment, by number and time.
    case answersSegment
    /// The RST answers nothing that its sender could have received.
    case answersNothing
    /// The end had sent something just before.
    case recent(TimeSpan)
    /// The end goes on after it.
    case goesOn(frame: UInt64)
    /// No number is missing before it.
    case continuous
    /// The peer's acknowledgment is in the capture.
    case acknowledged(frame: UInt64)
    /// The capture goes on for so long without it.
    case watched(TimeSpan)
    /// All that the end sent is acknowledged, and the window is open.
    case nothingOutstanding
    /// It is too short a time for a segment to cross the path.
    case tooSoon(TimeSpan)
    /// The SYN has another initial sequence number.
    case newNumber
    /// No other connection of the service succeeds.
    case noSuccess
    /// The server ends it, not the client that opened it.
    case serverCloses
    /// The client that opened it ends it.
    case clientCloses
    /// An ICMP message quotes the segment.
    case icmp(frame: UInt64)
    /// The receiver reports by SACK what it misses.
    case hole
    /// The acknowledgment numbers advance.
    case advances
    /// The other end was heard before.
    case heardBefore
    /// Many ports, or hosts, are tried.
    case manyTargets(Int64)
    /// The sequence numbers of both ends and the client's port are the same.
    case sameNumbers
    /// The data keep coming.
    case data(frame: UInt64)
    /// A RST with unread data, or the RST at once.
    case aborted
    /// The same time each, or a long one: a timer.
    case constant(TimeSpan)
    /// The receiver answered by a challenge ACK.
    case challenged(frame: UInt64)
    /// Another connection of the service was silent for so long, and went on.
    case survived(TimeSpan)

    /// The frame that shows it; nil where more than one does.
    public var frame: UInt64? {
        switch self {
        case .goesOn(let frame), .acknowledged(let frame), .icmp(let frame), .data(let frame),
            .challenged(let frame):
            frame
        default: nil
        }
    }

    /// The fact in words, without a full stop.
    public var words: String {
        switch self {
        case .sameTimeToLive(let life, let count):
            "its TTL \(life) is that of the end's \(Count(count).of("other segment"))"
        case .hostTimeToLive(let life):
            "its TTL \(life) is that of the host's SYN-ACKs on other connections"
        case .otherTimeToLive(let life, let host):
            "its TTL \(life) is an initial value; the host's segments arrive with \(host)"
        case .sameHardware: "it came from the same hardware address as the end's SYN"
        case .moved: "the earlier hardware address sends nothing more"
        case .liveNumbers: "the RST has ACK set and the current sequence number"
        case .answersSegment:
            "the RST takes its sequence number from the segment that it answers, within a round trip"
        case .answersNothing: "the RST answers nothing"
        case .recent(let time): "its sender had sent a segment \(Age(time)) before"
        case .goesOn: "the end goes on sending"
        case .continuous: "no sequence number is missing in the capture"
        case .acknowledged: "the acknowledgment is in the capture"
        case .watched(let time): "the capture goes on for \(Age(time)) without it"
        case .nothingOutstanding: "all data is acknowledged and the window is open"
        case .tooSoon(let time): "\(Age(time)) is shorter than the delay of the path"
        case .newNumber: "the SYN has a new initial sequence number"
        case .noSuccess: "no connection to this port succeeds"
        case .serverCloses: "the server ends a connection that the client opened"
        case .clientCloses: "the client ends a connection that it opened itself"
        case .icmp: "an ICMP message quotes the segment"
        case .hole: "SACK reports the missing segment, and smaller ones arrive"
        case .advances: "the acknowledgment numbers advance over data that is not in the capture"
        case .heardBefore: "the capture has earlier segments of the other end"
        case .manyTargets(let count): "\(Count(count)) ports or hosts are tried"
        case .sameNumbers: "the sequence numbers of both ends are the same"
        case .data: "data keeps arriving after it"
        case .aborted: "the socket was aborted, not closed"
        case .constant(let time): "it comes after \(Age(time)) of silence, as if by a timer"
        case .challenged: "the receiver answers with a challenge ACK"
        case .survived(let time):
            "a connection to this service goes on after \(Age(time)) of silence"
        }
    }
}
