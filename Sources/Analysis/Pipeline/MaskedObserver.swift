import TCPState
import Tracking
import Wire

/// Passes on what a tracker reports with other addresses: the one place where a run is anonymised, before anything
/// is judged or written.
struct MaskedObserver<Base: TrackingObserver>: TrackingObserver, TransitionForwarder {
    static var seesClosedConnectionsOnly: Bool { Base.seesClosedConnectionsOnly }
    static var forgetsClosed: Bool { Base.forgetsClosed }
    static var looksUp: Bool { Base.looksUp }

    var base: Base
    let mask: AddressMask?
    /// The addresses so far, each with its replacement: a mask takes a microsecond.
    private var known: [Address: Address] = [:]

    /// - Parameter mask: nil to pass everything on as it is.
    init(_ base: Base, _ mask: AddressMask?) {
        self.base = base
        self.mask = mask
    }

    /// What an address is in the output.
    mutating func replacement(of address: Address) -> Address {
        guard let mask else { return address }
        if let known = known[address] { return known }
        let replacement = mask[address]
        known[address] = replacement
        return replacement
    }

    /// What a connection is in the output.
    mutating func masked(_ record: ConnectionRecord) -> ConnectionRecord {
        mask == nil ? record : record.replacingAddresses { replacement(of: $0) }
    }

    /// What a key is in the output.
    mutating func masked(_ key: FlowKey) -> FlowKey {
        mask == nil ? key : key.replacingAddresses { replacement(of: $0) }
    }

    /// What a segment is in the output.
    mutating func masked(_ segment: Segment) -> Segment {
        guard mask != nil else { return segment }
        var masked = segment
        masked.source = replacement(of: segment.source)
        masked.destination = replacement(of: segment.destination)
        return masked
    }

    mutating func connectionOpened(_ record: ConnectionRecord) {
        base.connectionOpened(masked(record))
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        // A record is large: it is not copied for nothing.
        guard mask != nil else { return base.connectionClosed(record, reason) }
        base.connectionClosed(masked(copy record), reason)
    }

    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        base.preview(masked(key), connection, of: count)
    }

    mutating func previewEstablished() { base.previewEstablished() }

    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        base.previewAttempt(masked(key), by: opener, of: count)
    }

    var transitions: Base {
        _read { yield base }
        _modify { yield &base }
    }
}

extension MaskedObserver: DivisibleObserver where Base: DivisibleObserver {
    func split() -> MaskedObserver { MaskedObserver(base.split(), mask) }

    mutating func merge(_ other: MaskedObserver, _ numbers: RunNumbering.ShardNumbers) {
        base.merge(other.base, numbers)
    }

    var isOrderIndependent: Bool { base.isOrderIndependent }

    static var unorderedMerge: ((inout MaskedObserver, MaskedObserver) -> Void)? {
        guard let merge = Base.unorderedMerge else { return nil }
        return { merge(&$0.base, $1.base) }
    }
}
