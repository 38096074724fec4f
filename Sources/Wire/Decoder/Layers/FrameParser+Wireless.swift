extension FrameParser {
    @_lifetime(self: copy self)
    mutating func readRadiotap() throws(HeaderError) -> Next {
        let header = try RadiotapHeader(rest)
        let isDamaged = header.isDamaged
        let hasCheckSequence = header.hasCheckSequence
        let hasPadding = header.hasPadding
        drop(header.length)
        guard !isDamaged else { throw .malformed(.radiotap) }
        if hasCheckSequence { limit(to: max(wire - 4, 0)) }
        return try readIEEE80211(isPadded: hasPadding)
    }

    @_lifetime(self: copy self)
    mutating func readIEEE80211(isPadded: Bool = false) throws(HeaderError) -> Next {
        let header = try IEEE80211Header(rest)
        guard header.isData, !header.isEmpty else { return .end(.setAside(.notIP)) }
        guard !header.isProtected else { return .end(.setAside(.encrypted)) }
        guard !header.isLaterFragment else { return .end(.setAside(.ipFragment)) }
        let isAggregate = header.isAggregate
        drop(isPadded ? (header.length + 3) / 4 * 4 : header.length)
        // Each frame of an aggregate starts like IEEE 802.3: two addresses and a length. The first counts.
        return isAggregate ? .ethernet : .llc
    }
}
