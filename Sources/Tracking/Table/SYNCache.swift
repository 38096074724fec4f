public import TCPState
public import Wire

/// The connections of which nothing was seen but one SYN: 64 bytes each, and 32 more for addresses of IPv6.
public struct SYNCache: ~Copyable {
    @usableFromInline var entries = Store<PackedSYN>()
    @usableFromInline var addresses = Store<AddressPair>()

    @usableFromInline
    init() {}

    /// Places handed out so far, in use or free.
    @inlinable
    var used: UInt32 { entries.used }

    /// Entries in use.
    @inlinable
    public var count: Int { entries.count }

    /// The entry at a place, which must have come from ``add(_:)`` and not have been removed since.
    @inlinable
    public subscript(index: FlowIndex) -> SYNCacheEntry {
        SYNCacheEntry(entries[index], key(index))
    }

    /// Its addresses and ports.
    @inlinable
    public func key(_ index: FlowIndex) -> FlowKey {
        let packed = entries[index]
        guard let place = packed.place else {
            return FlowKey(
                Address(ipv4: packed.low), packed.lowPort, Address(ipv4: packed.high),
                packed.highPort)
        }
        let pair = addresses[FlowIndex(rawValue: place)]
        return FlowKey(pair.low, packed.lowPort, pair.high, packed.highPort)
    }

    /// Whether the place is in use.
    @inlinable
    func isLive(_ index: FlowIndex) -> Bool { entries[index].isLive }

    /// Its connection's number in the run.
    @inlinable
    public func serial(_ index: FlowIndex) -> UInt32 { entries[index].serial }

    /// Its scope, if an end is the one that sent it.
    @inlinable
    func scope(_ index: FlowIndex, _ sender: Side) -> UInt32? {
        entries[index].sender == sender ? entries[index].scope : nil
    }

    /// Whether there are other connections on its key.
    @inlinable
    func isShared(_ index: FlowIndex) -> Bool { entries[index].isShared }

    /// Notes whether there are.
    mutating func setShared(_ index: FlowIndex, _ isShared: Bool) {
        entries[index].isShared = isShared
    }

    /// Adds a cached SYN. Amortised O(1).
    @inlinable
    mutating func add(_ entry: SYNCacheEntry) -> FlowIndex {
        let isShort = entry.key.low.isIPv4 && entry.key.high.isIPv4
        let packed = PackedSYN(entry, place: isShort ? nil : keepAddresses(of: entry.key))
        return FlowIndex(cachedSYN: entries.add(packed))
    }

    @usableFromInline
    mutating func keepAddresses(of key: FlowKey) -> UInt32 {
        addresses.add(AddressPair(of: key)).position
    }

    /// Gives an entry back.
    @inlinable
    mutating func remove(_ index: FlowIndex) {
        if let place = entries[index].place { addresses.vacate(FlowIndex(rawValue: place)) }
        entries.remove(index)
    }

    /// Where an entry is: it takes a cache line.
    @inlinable
    func address(_ index: FlowIndex) -> UnsafeRawPointer {
        unsafe UnsafeRawPointer(entries.address(index))
    }

    /// Calls `body` with the place of each entry in use, in store order.
    @inlinable
    public func forEachIndex(_ body: (FlowIndex) -> Void) {
        entries.forEachIndex { body(FlowIndex(cachedSYN: $0)) }
    }
}

/// The addresses of a key that have no room elsewhere.
@usableFromInline
struct AddressPair: Sendable {
    @usableFromInline let low: Address
    @usableFromInline let high: Address

    @usableFromInline
    init(of key: FlowKey) { (low, high) = (key.low, key.high) }
}
