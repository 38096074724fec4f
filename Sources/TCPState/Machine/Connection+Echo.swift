public import Wire

extension Connection {
    /// When the copy of the peer's SYN or FIN that arrived went past the tap, if the answer tells:
    /// it echoes the timestamp of the one that advanced RCV.NXT. RFC 7323, section 4.3; Linux keeps
    /// the first SYN's in its request socket.
    ///
    /// Nothing changes; but reading through `inout` copies nothing either.
    @inlinable
    mutating func echoedFirstCopy(_ answer: Segment, _ s: Int) -> Timestamp? {
        guard answer.options.present.contains(.timestamps), ends[s].seen.contains(.timestamps),
            answer.options.timestampEcho == ends[1 - s].controlTimestamp,
            ends[1 - s].controlSeen.nanoseconds != .min
        else { return nil }
        return ends[1 - s].controlSeen
    }
}
