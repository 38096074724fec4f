/// A flaw of the capture itself: how large it is, and what it does to the results.
public struct CaptureFlaw: Sendable {
    /// What kinds there are. The raw values are the stable names that reports print.
    public enum Kind: String, CaseIterable, Sendable {
        /// Connections whose handshake is missing.
        case midStream = "mid_stream"
        /// Connections that were still in use.
        case stoppedEarly = "stopped_early"
        /// Packets that the kernel or the network card lost before they were captured.
        case lostPackets = "lost_packets"
        /// Segments that were acknowledged and are missing: the capture's loss, not the network's.
        case holes = "holes"
        /// One packet of so many was captured.
        case sampled = "sampled"
        /// Only segments with SYN, FIN or RST were captured.
        case flagsOnly = "flags_only"
        /// Only SYNs were captured.
        case synOnly = "syn_only"
        /// Only segments with payload were captured.
        case payloadOnly = "payload_only"
        /// A file of a rotated set is missing.
        case missingFile = "missing_file"
        /// One direction of connections is missing.
        case oneDirection = "one_direction"
        /// Packets that were captured twice at one place.
        case copies = "copies"
        /// Packets that were captured before and behind a router.
        case routedCopies = "routed_copies"
        /// Packets that were captured on several VLANs, tunnels or interfaces.
        case taggedCopies = "tagged_copies"
        /// Connections that were seen on several VLANs, tunnels or interfaces, or so it seems.
        case sameEnds = "same_ends"
        /// Packets that were captured before and behind an address translation.
        case translated = "translated"
        /// Segments that a network card cuts up or has joined.
        case superSegments = "super_segments"
        /// Segments longer than an IPv4 header can say.
        case bigSegments = "big_tcp"
        /// Segments in several IP fragments.
        case fragments = "fragments"
        /// Frames that were captured in part.
        case snapshotLength = "snapshot_length"
        /// Segments without any of their payload.
        case headersOnly = "headers_only"
        /// TCP options that were cut.
        case cutOptions = "cut_options"
        /// Frames older than the one before them.
        case backInTime = "back_in_time"
        /// Hours without a frame.
        case timeJumps = "time_jumps"
        /// Checksums that a network card computes after the capture.
        case checksumOffload = "checksum_offload"
        /// Checksums that are wrong otherwise.
        case wrongChecksums = "wrong_checksums"
    }

    /// What is counted.
    public enum Unit: String, Sendable {
        /// Connections.
        case connections
        /// Frames that were read.
        case frames
        /// TCP segments that were looked at: all of a small capture, some of a large one.
        case segments
        /// Packets that came to the tap.
        case packets
        /// Bytes of payload.
        case bytes
        /// Gaps between one file and the next.
        case gaps
    }

    /// Which flaw.
    public let kind: Kind
    /// How many show it.
    public let count: UInt64
    /// Out of how many.
    public let total: UInt64
    /// What `count` and `total` count.
    public let unit: Unit
    /// What is special about this case; "" if nothing is.
    public let detail: String

    init(_ kind: Kind, _ count: UInt64, of total: UInt64, _ unit: Unit, detail: String = "") {
        self.kind = kind
        self.count = count
        self.total = total
        self.unit = unit
        self.detail = detail
    }

    /// From 0 to 1.
    public var share: Double { total == 0 ? 0 : min(1, Double(count) / Double(total)) }
}

extension CaptureFlaw.Kind {
    /// A few words for it.
    public var title: String {
        switch self {
        case .midStream: "already open when the capture began"
        case .stoppedEarly: "still open when the capture ended"
        case .lostPackets: "packets lost by the capture"
        case .holes: "segments missing from the capture"
        case .sampled: "packets sampled"
        case .flagsOnly: "only SYN, FIN and RST captured"
        case .synOnly: "only SYNs captured"
        case .payloadOnly: "only segments with payload captured"
        case .missingFile: "a file of the set is missing"
        case .oneDirection: "only one direction captured"
        case .copies: "captured twice"
        case .routedCopies: "captured before and after a router"
        case .taggedCopies: "captured on several VLANs, tunnels or interfaces"
        case .sameEnds: "same addresses and ports on another VLAN, tunnel or interface"
        case .translated: "captured on both sides of a NAT"
        case .superSegments: "segmentation offload"
        case .bigSegments: "BIG TCP"
        case .fragments: "IP fragments"
        case .snapshotLength: "cut by the snapshot length"
        case .headersOnly: "only headers captured"
        case .cutOptions: "TCP options cut"
        case .backInTime: "frames out of time order"
        case .timeJumps: "long gaps without a frame"
        case .checksumOffload: "checksum offload"
        case .wrongChecksums: "wrong checksums"
        }
    }

    /// What it does to the results.
    public var effect: String {
        switch self {
        case .midStream:
            "Their states start as assumptions, client and server are told apart by port"
                + " number, and window scales are unknown."
        case .stoppedEarly:
            "They are reported as they were at that moment; what looks stuck may have"
                + " continued."
        case .lostPackets:
            "States and retransmissions may be wrong where packets are missing."
        case .holes:
            "The receiver acknowledged them, so the capture lost them, not the network: reports"
                + " of missing or retransmitted data near them may be wrong."
        case .sampled:
            "Only the counts of states are meaningful: most segments are missing from the"
                + " capture, whatever the network did."
        case .flagsOnly:
            "Acknowledgment of a FIN is inferred; stalls, keepalives and silent deaths cannot"
                + " be seen."
        case .synOnly:
            "The capture filter kept only SYNs. Hardly any is retransmitted, so they were"
                + " answered; nothing can be said about what followed."
        case .payloadOnly:
            "The capture filter kept only segments with payload and no bare ACK: what looks"
                + " unanswered may have been acknowledged."
        case .missingFile:
            "Connections across the gap lack segments, as with packets lost by the capture."
        case .oneDirection:
            "The states of the ends that were not seen are guesses, and silence there is not"
                + " evidence."
        case .copies:
            "Copies count as packets, not as retransmissions."
        case .routedCopies:
            "Copies count as packets, not as retransmissions; times are those of the first"
                + " copy."
        case .taggedCopies:
            "Each place counts as a connection of its own, so one connection is counted several times."
        case .sameEnds:
            "They are kept apart: a port pair used elsewhere is not a reuse."
        case .translated:
            "One connection counts as two, one on each side of the NAT."
        case .superSegments:
            "The capture was taken on a host; lengths say nothing about the packets on the"
                + " network."
        case .bigSegments:
            "Their IP length field is 0: the length is taken from the frame."
        case .fragments:
            "Only the first fragment shows the payload's length; the others are counted as"
                + " skipped."
        case .snapshotLength:
            "Lengths are taken from IP headers: states are as good as with whole packets."
        case .headersOnly:
            "Lengths are taken from IP headers: states are as good as with whole packets."
        case .cutOptions:
            "Window scales and timestamps may be unknown: stalls and retransmissions are less"
                + " certain."
        case .backInTime:
            "Where the first frames show it, all are sorted by time within a second, as by `reordercap`;"
                + " others are processed in file order, and durations near them are approximate."
        case .timeJumps:
            "All timers expired in the gap: connections that closed in it are assumed to be closed."
        case .checksumOffload:
            "The network card computes them after the capture: nothing is wrong on the wire."
        case .wrongChecksums:
            "The segments are used nevertheless; a receiver would have dropped them."
        }
    }

    /// The diagnoses that it makes doubtful where it shows in much of the capture. Where the capture ends
    /// is judged for each connection.
    public var castsDoubtOn: [Diagnosis] {
        Diagnosis.allCases.filter { $0.entry.doubts.contains(self) }
    }
}
