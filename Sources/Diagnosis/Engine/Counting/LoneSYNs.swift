internal import TCPState
internal import Wire

/// SYNs that came once and were not answered, of the whole capture: where nearly each has a source and a
/// target of its own, no hosts sent them. About 6 KiB, and a few examples.
struct LoneSYNs: Sendable {
    private(set) var group = FindingGroup(
        FindingGroup.Key(diagnosis: .synFlood, service: nil, end: .client, fault: .client))
    private var sources = DistinctSketch()
    private var targets = DistinctSketch()
    private var services = DistinctSketch()

    mutating func add(
        _ record: borrowing @_addressable ConnectionRecord, at now: Timestamp, _ limits: Thresholds,
        keep limit: Int?
    ) {
        let opener = record.connection.opener
        sources.add(Self.hash(record.address(opener)))
        let target = Self.hash(record.address(opener.peer))
        targets.add(target)
        services.add(Self.mixed(target ^ UInt64(record.port(opener.peer)) << 24))
        let finding = Finding(
            .synFlood, .horizontal, end: .client, fault: .client, .warning, .inferred,
            since: record.connection.firstSeen, frame: record.connection.firstFrame)
        group.add(record, finding, at: now, limits, keep: limit ?? 1_000)
    }

    private static func hash(_ address: Address) -> UInt64 {
        mixed(address.low ^ address.high &* 0x9e37_79b9_7f4a_7c15)
    }

    private static func mixed(_ word: UInt64) -> UInt64 {
        var hash = word &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 29) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 32
    }

    mutating func add(_ other: LoneSYNs, keep limit: Int?) {
        group.add(other.group, keep: limit ?? 1_000)
        sources.add(other.sources)
        targets.add(other.targets)
        services.add(other.services)
    }

    /// SYN FLOOD from invented addresses: a hundred or more within a short time, nine of ten from an address
    /// of their own, to so many targets that no service alone has a flood; or nine of ten to a port of their own,
    /// from so many addresses that none asks for more than a few: no scanner does that.
    func flood(_ limits: Thresholds) -> FindingGroup? {
        let count = Double(group.count)
        let span = Double(max(0, group.newest - group.oldest).nanoseconds) / 1e9
        let isSpread =
            sources.count >= count * 0.9
            && targets.count * Double(limits[.floodCount] as Int64) >= count
        let isRandom = services.count >= count * 0.9 && sources.count >= count * 0.25
        guard Int64(group.count) >= limits[.floodCount], isSpread || isRandom, span < count / 20
        else { return nil }
        var flood = group
        flood.isHorizontal = true
        flood.lengths = (group.newest - group.oldest)...(group.newest - group.oldest)
        return flood
    }
}
