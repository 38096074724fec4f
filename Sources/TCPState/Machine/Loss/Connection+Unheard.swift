public import Wire

// What an end sends into a silence that has lasted: a dead path, or a host that is gone. Then what goes
// past the tap most probably does not arrive either.
extension Connection {
    /// Whether the end has sent something again at least twice, or two keepalive probes, and nothing has
    /// come from its peer for half a second.
    @inlinable
    mutating func isUnheard(_ s: Int, at time: Timestamp, repetitionsOfFIN: Bool = true) -> Bool {
        let probes = Int(ends[s].unansweredKeepalives)
        var repetitions = Int(ends[s].unansweredRetransmissions)
        if !repetitionsOfFIN { repetitions -= max(0, Int(ends[s].finCount) - 1) }
        guard max(repetitions, probes) >= 2 else { return false }
        let heard =
            probes >= 2
            ? ends[1 - s].lastSent : max(ends[1 - s].lastSent, ends[s].unacknowledgedSince)
        return time - heard >= 500_000_000
    }

    /// Whether the end's FIN goes into a silence: it began before the FIN, or the FIN has been repeated
    /// for three seconds, five times on Linux (`TCP_RTO_MIN`, doubled each time), without a word from the
    /// peer.
    @inlinable
    mutating func isFINUnheard(_ s: Int, at time: Timestamp) -> Bool {
        if isUnheard(s, at: time, repetitionsOfFIN: false) { return true }
        return ends[s].finCount > 2 && time - ends[s].controlSeen >= 3_000_000_000
            && ends[1 - s].lastSent < ends[s].controlSeen
    }
}
