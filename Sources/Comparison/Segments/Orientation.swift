internal import TCPState
internal import Wire

/// Finds which end of each connection is at the first tap's side.
///
/// Let d be the second tap's time of a segment less the first one's. It is the clocks' offset plus the delay for a segment
/// that goes from the first tap to the second, and the offset less the delay for one that comes back: the
/// end with the larger d is at the first tap's side. The offset itself need not be known.
struct Orientation {
    /// Neighbouring segments of different directions that are compared, of one connection.
    private static let sampleLimit = 64

    /// Sets ``PairComparison/outward`` of all matches.
    static func orient(_ pair: inout PairComparison) {
        var votes: [Int: Int] = [:]
        var openerIsNear = 0
        for (index, match) in pair.matches.enumerated() where match.kind != .relayed {
            let vote = vote(match, pair)
            votes[index] = vote
            openerIsNear += vote.signum()
        }
        for (index, match) in pair.matches.enumerated() {
            let vote = votes[index] ?? 0
            let isOpenerNear = vote == 0 ? openerIsNear >= 0 : vote > 0
            let opener = pair.near.connections[match.near].opener
            pair.outward[index] = isOpenerNear ? opener : opener.peer
        }
    }

    /// Above zero where the opener is at the first tap's side, below where it is not, 0 where nothing tells.
    private static func vote(_ match: ConnectionMatch, _ pair: PairComparison) -> Int {
        let opener = pair.near.connections[match.near].opener
        var latest: [TimeSpan?] = [nil, nil]
        var sum = 0
        var samples = 0
        var lowered = 0
        for number in pair.near.segments(of: match.near) where samples < sampleLimit {
            guard let other = pair.counterpart(of: number, at: .near) else { continue }
            let (a, b) = (pair.near.segments[number], pair.far.segments[other])
            let isFromOpener = a.side == opener
            latest[isFromOpener ? 0 : 1] = b.time - a.time
            let change = Int(a.timeToLive) - Int(b.timeToLive)
            lowered += (isFromOpener ? change : -change).signum()
            guard let out = latest[0], let back = latest[1] else { continue }
            // A clock that is set between two segments outweighs no other pair.
            sum += (out - back).nanoseconds.signum() > 0 ? 1 : -1
            samples += 1
        }
        // A router lowers the time to live: it needs no clock.
        if lowered != 0, abs(lowered) >= samples { return lowered }
        return sum != 0 ? sum : lowered
    }
}
