internal import Comparison
internal import TCPState

/// The fields of comparisons of taps.
extension JSONTerms {
    static let tap = JSONTerm("tap", .text, "the tap's name")
    static let nextTap = JSONTerm("next_tap", .text, "the next tap's name, towards the servers")
    static let taps = JSONTerm(
        "taps", .records("tap_capture"), "the taps, from the clients' side to the servers'")
    static let tapPairs = JSONTerm(
        "tap_pairs", .records("tap_pair"), "neighbouring taps, compared")
    static let pathCount = JSONTerm(
        "path_count", .integer,
        "connections that two taps or more saw, or that one saw and another should have")
    static let unmatched = JSONTerm(
        "unmatched", .integer, "connections that were found at no other tap")
    static let leftOut = JSONTerm(
        "left_out", .integer, "segments that did not fit into memory and were not compared")
    static let matchCounts = JSONTerm(
        "matched", .counts, "connections that both taps saw, by how they were matched")
    static let clock = JSONTerm(
        "clock", .records("clock_piece"),
        "how the next tap's clock differs from the tap's own; a new piece begins where a clock was set"
    )
    static let outward = JSONTerm(
        "toward_next", .counts, "segments towards the next tap, by their fate")
    static let inward = JSONTerm(
        "toward_tap", .counts, "segments from the next tap's side, by their fate")
    static let outwardDelay = delay("toward_next_delay", "the median time towards the next tap")
    static let outwardDelayLow = delay("toward_next_delay_low", "lower bound of the median time")
    static let outwardDelayHigh = delay("toward_next_delay_high", "upper bound of the median time")
    static let inwardDelay = delay("toward_tap_delay", "the median time from the next tap's side")
    static let inwardDelayLow = delay("toward_tap_delay_low", "lower bound of the median time")
    static let inwardDelayHigh = delay("toward_tap_delay_high", "upper bound of the median time")

    private static func delay(_ name: String, _ meaning: String) -> JSONTerm {
        JSONTerm(
            name, .duration,
            "\(meaning), in nanoseconds; null where the clocks do not tell", nullable: true)
    }

    static let clockFrom = JSONTerm(
        "clock_from", .time, "the piece's beginning by the tap's own clock")
    static let clockUntil = JSONTerm("clock_until", .time, "the piece's end by the tap's own clock")
    static let reference = JSONTerm(
        "reference", .time, "the time for which the offset holds, by the tap's own clock")
    static let offset = JSONTerm(
        "offset", .duration, "the next tap's clock less the tap's own, in nanoseconds")
    static let offsetLow = JSONTerm(
        "offset_low", .duration, "the offset is at least this; null where segments go one way only",
        nullable: true)
    static let offsetHigh = JSONTerm(
        "offset_high", .duration, "the offset is at most this; null where segments go one way only",
        nullable: true)
    static let drift = JSONTerm(
        "drift_ppb", .integer, "how much the next tap's clock gains, in parts per billion")
    static let driftLow = JSONTerm(
        "drift_low_ppb", .integer,
        "the drift is at least this; null where the piece is shorter than a minute", nullable: true)
    static let driftHigh = JSONTerm(
        "drift_high_ppb", .integer,
        "the drift is at most this; null where the piece is shorter than a minute", nullable: true)
    static let matchKind = JSONTerm(
        "match", .words(ConnectionMatch.Kind.allCases.map(\.rawValue)),
        "how the connection was found at the taps; null where only one tap saw it", nullable: true)
    static let sightings = JSONTerm(
        "sightings", .records("sighting"), "the connection at each tap that saw it")
    static let verdicts = JSONTerm(
        "verdicts", .records("path_verdict"), "what happened on the way, the most telling first")
    static let clientFates = JSONTerm(
        "client_fates", .counts, "segments of the client between the taps, by their fate")
    static let serverFates = JSONTerm(
        "server_fates", .counts, "segments of the server between the taps, by their fate")
    static let pathVerdict = JSONTerm(
        "path_verdict", .words(PathVerdict.Kind.allCases.map(\.rawValue)), "what happened")
    static let sender = JSONTerm(
        "sender", .words(Role.allCases.map(\.name)), "whose segment it is, by its header",
        nullable: true)
    static let actor = JSONTerm(
        "actor", .words(Role.allCases.map(\.name) + ["between", "unknown"]),
        "who caused it: an end, or a device between two taps", nullable: true)
    static let fromTap = JSONTerm(
        "from_tap", .text, "the tap behind which it happened, in the direction of travel",
        nullable: true)
    static let toTap = JSONTerm(
        "to_tap", .text, "the tap before which it happened, in the direction of travel",
        nullable: true)
    static let evidence = JSONTerm(
        "evidence", .records("path_frame"), "the frames, in the direction of travel")
    static let usualTTL = JSONTerm(
        "usual_ttl", .integer,
        "the time to live of the sender's other segments at the first of these taps, where it differs",
        nullable: true)
    static let changes = JSONTerm(
        "changes", .records("option_change"), "what was changed")
    static let ttl = JSONTerm("ttl", .integer, "the frame's time to live")
    static let changedField = JSONTerm(
        "changed_field",
        .words(["mss", "window-scale", "sack-permitted", "timestamps", "sequence-numbers"]),
        "the field of the SYN")
    static let before = JSONTerm(
        "before", .integer, "what it was; null where there was none", nullable: true)
    static let after = JSONTerm(
        "after", .integer, "what it became; null where it was removed", nullable: true)
    static let fate = JSONTerm(
        "fate", .words(SegmentFate.allCases.map(\.name)),
        "what became of the segment between this tap and the other one")
    static let otherTap = JSONTerm("other_tap", .text, "the tap that it is compared with")
    static let counterpart = JSONTerm(
        "counterpart", .record("path_frame"), "the same segment at the other tap", nullable: true)
    static let altered = JSONTerm(
        "altered", .texts, "fields that differ at the two taps")
    static let tracedSegments = JSONTerm(
        "traced_segments", .records("traced_segment"),
        "the connection's segments by the first tap's clock, each once")
    static let gaps = JSONTerm(
        "gaps", .records("path_gap"),
        "where the segment appeared or vanished; empty where all taps saw it")
    static let pathFindings = JSONTerm(
        "path_findings", .records("path_finding"),
        "the findings of the connection: each kind once, from the first tap that shows it")
}
