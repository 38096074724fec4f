internal import TCPState
internal import Wire

/// Finds connections of two taps that carry the same bytes, as the two legs of a proxy do.
///
/// Nothing in the headers joins them: the first bytes of both directions are the same, so are the numbers of bytes, and
/// one leg's first exchange lies within the other's, by clocks that differ by no more than ``clockLimit``. A pair counts
/// only where neither has another partner.
struct ProxyLegs {
    private let near: Tap
    private let far: Tap

    /// The largest difference of two taps' clocks by which legs are still joined.
    static let clockLimit = TimeSpan.seconds(10)

    /// What a connection carries.
    private struct Content: Hashable {
        let request: UInt32
        let response: UInt32
        let requestBytes: UInt32
        let responseBytes: UInt32
    }

    /// A connection, and when its first request and its first response passed.
    private struct Leg {
        let connection: Int
        let request: Timestamp
        let response: Timestamp
    }

    init(_ near: Tap, _ far: Tap) {
        self.near = near
        self.far = far
    }

    /// Matches connections that are matched with none so far.
    mutating func match(_ isMatched: [Bool], _ taken: [Bool]) -> [ConnectionMatch] {
        let mine = index(near, isMatched)
        let yours = index(far, taken)
        var matches: [ConnectionMatch] = []
        for (content, list) in mine {
            guard list.count == 1, let other = yours[content], other.count == 1 else { continue }
            guard areNested(list[0], other[0]) else { continue }
            let (a, b) = (list[0].connection, other[0].connection)
            matches.append(
                ConnectionMatch(
                    near: a, far: b, kind: .relayed,
                    isSwapped: near.connections[a].opener != far.connections[b].opener,
                    shifts: [0, 0]))
        }
        return matches
    }

    /// Whether some offset of the clocks puts one leg's first exchange inside the other's.
    private func areNested(_ a: Leg, _ b: Leg) -> Bool {
        let (before, after) = (b.request - a.request, b.response - a.response)
        let (low, high) = (min(before, after), max(before, after))
        return low <= ProxyLegs.clockLimit && high >= -ProxyLegs.clockLimit
            && high - low <= ProxyLegs.clockLimit
    }

    private func index(_ tap: Tap, _ isMatched: [Bool]) -> [Content: [Leg]] {
        var index: [Content: [Leg]] = [:]
        for (number, connection) in tap.connections.enumerated() where !isMatched[number] {
            guard connection.isOpenerKnown, let request = stream(tap, number, connection.opener),
                let response = stream(tap, number, connection.opener.peer)
            else { continue }
            let content = Content(
                request: request.digest, response: response.digest, requestBytes: request.bytes,
                responseBytes: response.bytes)
            index[content, default: []].append(
                Leg(connection: number, request: request.time, response: response.time))
        }
        return index
    }

    /// The digest and the time of the first data of an end, and how many bytes it sent by the highest sequence number.
    private func stream(
        _ tap: Tap, _ number: Int, _ side: Side
    ) -> (digest: UInt32, bytes: UInt32, time: Timestamp)? {
        var digest: UInt32 = 0
        var first: SequenceNumber?
        var time = Timestamp(nanoseconds: 0)
        var end: UInt32 = 0
        for segment in tap.segments[tap.sent(by: side, of: number)] where segment.payloadLength > 0
        {
            let start = first ?? segment.sequenceNumber
            if first == nil {
                first = start
                digest = segment.digest.value
                time = segment.time
            }
            let past = segment.sequenceNumber.rawValue &- start.rawValue &+ segment.payloadLength
            if past < 1 << 31 { end = max(end, past) }
        }
        return digest == 0 ? nil : (digest, end, time)
    }
}
