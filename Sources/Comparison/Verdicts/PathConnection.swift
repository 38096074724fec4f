public import TCPState
public import Wire

/// One connection on its way past the taps.
public struct PathConnection: Sendable {
    /// Its index in each tap's connections; nil where the tap has none.
    public let parts: [Int?]
    /// How each tap's connection was found to be the next one's; nil where it was not.
    public let kinds: [ConnectionMatch.Kind?]
    /// Its match in each pair of taps.
    let matches: [Int?]
    /// Whether the opener is at the side of the first tap.
    public let isOpenerFirst: Bool
    /// The opener's place in each tap's key.
    private let openers: [Side]
    /// Its first segment's time at the first tap that saw it.
    public let first: Timestamp
    /// Orders connections of equal times.
    let order: Int

    init(first tap: Int, _ connection: Int, _ pairs: [PairComparison], _ taps: [Tap]) {
        var parts = [Int?](repeating: nil, count: taps.count)
        var matches = [Int?](repeating: nil, count: pairs.count)
        var openers = [Side](repeating: .low, count: taps.count)
        parts[tap] = connection
        // Who saw the SYN knows the opener.
        let known = taps[tap].connections[connection]
        var index = tap
        var current = connection
        var side = known.opener
        var isKnown = known.isOpenerKnown
        openers[tap] = side
        while index < pairs.count, let match = pairs[index].match(of: current, at: .near) {
            let found = pairs[index].matches[match]
            matches[index] = match
            side = found.farSide(of: side)
            current = found.far
            index += 1
            parts[index] = current
            openers[index] = side
            let other = taps[index].connections[current]
            if !isKnown, other.isOpenerKnown {
                isKnown = true
                if other.opener != side {
                    side = side.peer
                    for index in tap...index { openers[index] = openers[index].peer }
                }
            }
        }
        self.parts = parts
        self.matches = matches
        self.openers = openers
        kinds = matches.enumerated().map { index, match in
            match.map { pairs[index].matches[$0].kind }
        }
        isOpenerFirst = matches[tap].map { pairs[tap].isOutward(openers[tap], of: $0) } ?? true
        self.first = known.first
        order = connection
    }

    /// A connection that one tap saw.
    init(
        stray connection: Int, at tap: Int, _ tapSide: PairComparison.TapSide, _ taps: [Tap]
    ) {
        parts = taps.indices.map { $0 == tap ? connection : nil }
        matches = [Int?](repeating: nil, count: taps.count - 1)
        kinds = [ConnectionMatch.Kind?](repeating: nil, count: taps.count - 1)
        let known = taps[tap].connections[connection]
        openers = [Side](repeating: known.opener, count: taps.count)
        isOpenerFirst = tapSide == .near
        first = known.first
        order = connection
    }

    /// The taps that saw it, in order.
    public var seenBy: [Int] { parts.indices.filter { parts[$0] != nil } }

    /// The place of an end in a tap's key.
    public func side(_ role: Role, at tap: Int) -> Side {
        role == .client ? openers[tap] : openers[tap].peer
    }

    /// The role of the sender of a tap's segment.
    public func role(of segment: TapSegment, at tap: Int) -> Role {
        segment.side == openers[tap] ? .client : .server
    }

    /// Whether what an end sends passes the taps from the first to the last.
    public func goesForward(_ role: Role) -> Bool { (role == .client) == isOpenerFirst }

    /// The tap nearest to an end: of those that saw the same leg of the connection as some tap, or the one that should
    /// have seen it, where that was there.
    ///
    /// - Parameter tap: a tap that saw the connection.
    public func nearestTap(to role: Role, from tap: Int, _ comparison: Comparison) -> Int {
        let step = goesForward(role) ? -1 : 1
        var index = tap
        while parts.indices.contains(index + step) {
            let pair = min(index, index + step)
            guard kinds[pair] != .relayed else { break }
            if parts[index + step] == nil {
                // Only one tap saw it, and the others were there: nothing reached that end.
                guard isStray, let part = parts[index], comparison.isLost(part, at: index, pair)
                else { break }
            }
            index += step
        }
        return index
    }

    /// Whether one tap alone saw it, and others should have.
    private var isStray: Bool { seenBy.count == 1 }

    /// Whether it is a pair of legs that a proxy joins.
    public var isRelayed: Bool { kinds.contains(.relayed) }

    /// The least sure of the ways in which it was found at the taps; nil where one tap alone saw it.
    public var weakestKind: ConnectionMatch.Kind? {
        ConnectionMatch.Kind.allCases.last { kinds.contains($0) }
    }

    /// Address and port of an end at a tap; nil where that tap has not seen the connection.
    public func end(_ role: Role, at tap: Int, _ taps: [Tap]) -> (address: Address, port: UInt16)? {
        guard let part = parts[tap] else { return nil }
        let key = taps[tap].connections[part].key
        let side = side(role, at: tap)
        return (key.address(side), key.port(side))
    }

    /// The same as text.
    public func text(_ role: Role, at tap: Int, _ taps: [Tap]) -> String? {
        end(role, at: tap, taps).map { $0.address.text(port: $0.port) }
    }

    /// What became of what an end sent, between a tap and the next one; nil where they were not compared.
    public func fateCounts(of role: Role, _ pair: Int, _ pairs: [PairComparison]) -> FateCounts? {
        guard let match = matches[pair], kinds[pair] != .relayed else { return nil }
        return pairs[pair].fateCounts(match: match, isOutward: goesForward(role))
    }
}
