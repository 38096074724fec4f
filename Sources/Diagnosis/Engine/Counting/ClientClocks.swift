internal import Wire

/// The time stamps (RFC 7323) of SYNs that a service answered, by client. A server that drops SYNs whose time
/// stamp is older than the last one of their address does so to all hosts behind one NAT but one.
///
/// At most 16 addresses, those with the smallest hashes, and of each the 16 earliest SYNs: 4 KiB, and no more
/// than 16 bytes for each connection.
struct ClientClocks: Sendable {
    private static let limit = 16

    /// A SYN's time and its TSval.
    private struct Reading: Sendable {
        let time: Timestamp
        let value: UInt32

        /// Linux up to 4.11 held an address's time stamp against its SYNs for so long (TCP_PAWS_MSL).
        static let memory: TimeSpan = 60_000_000_000

        /// Whether another one, within a minute before, had a later time stamp: not by a few ticks only, since
        /// SYNs of one host overtake each other.
        func isBehind(_ other: Reading) -> Bool {
            other.time < time && time - other.time < Reading.memory
                && Int32(bitPattern: value &- other.value) < -1_000
        }

        /// Whether both may be of one clock, which ticks once in a millisecond at most: not where a host
        /// begins anew with each connection, as Linux does (`tcp_timestamps` = 1).
        func follows(_ other: Reading) -> Bool {
            guard other.time < time else { return false }
            let ticks = Int64(Int32(bitPattern: value &- other.value))
            return ticks >= 0 && ticks <= (time - other.time).nanoseconds / 900_000 + 1_000
        }
    }

    /// The SYNs of one address, by time: most addresses have one.
    private struct Entry: Sendable {
        let hash: UInt64
        var earliest: Reading
        var others: [Reading] = []

        var readings: [Reading] { [earliest] + others }

        mutating func add(_ reading: Reading) {
            let isFull = others.count == ClientClocks.limit - 1
            if isFull, others[others.count - 1].time <= reading.time { return }
            if isFull { others.removeLast() }
            guard earliest.time <= reading.time else {
                others.insert(earliest, at: 0)
                earliest = reading
                return
            }
            let index = others.firstIndex { $0.time > reading.time } ?? others.count
            others.insert(reading, at: index)
        }
    }

    /// In the order of their hashes.
    private var entries: [Entry] = []
    /// No larger hash is taken: the last one, where there is no room. Beside the list, since most are larger.
    private var highest = UInt64.max

    /// Notes an answered SYN; 0 is none. O(16).
    mutating func add(_ client: Address, _ value: UInt32, at time: Timestamp) {
        guard value != 0 else { return }
        let hash = Self.hash(client)
        if hash <= highest { add(hash, Reading(time: time, value: value)) }
    }

    private mutating func add(_ hash: UInt64, _ reading: Reading) {
        let index = entries.firstIndex { $0.hash >= hash } ?? entries.count
        if index < entries.count, entries[index].hash == hash {
            entries[index].add(reading)
            return
        }
        guard index < Self.limit else { return }
        if entries.count == Self.limit { entries.removeLast() }
        entries.insert(Entry(hash: hash, earliest: reading), at: index)
        if entries.count == Self.limit { highest = entries[Self.limit - 1].hash }
    }

    /// Adds what another one noted.
    mutating func add(_ other: ClientClocks) {
        for entry in other.entries {
            for reading in entry.readings { add(entry.hash, reading) }
        }
    }

    /// Whether a SYN's time stamp lies behind that of another SYN of its address, within a minute before, while
    /// few of the answered ones do so, a third at most, and most of them follow one clock: time stamps decide.
    func isBehind(_ client: Address, _ value: UInt32, at time: Timestamp) -> Bool {
        let hash = Self.hash(client)
        guard value != 0, let readings = entries.first(where: { $0.hash == hash })?.readings
        else { return false }
        let reading = Reading(time: time, value: value)
        return readings.contains(where: reading.isBehind)
            && readings.count { one in readings.contains(where: one.isBehind) } * 3
                <= readings.count
            && readings.count { one in readings.contains(where: one.follows) } * 2
                >= readings.count
    }

    private static func hash(_ address: Address) -> UInt64 {
        var hash = (address.low ^ address.high &* 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 29) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 32
    }
}
