extension Segment {
    /// The scope of a frame whose only tag is that of a VLAN, from 1 to 4094.
    public static func scope(ofVLAN identifier: UInt16) -> UInt32 {
        var scope = Scope()
        scope.mix(tagControl: identifier)
        return scope.value
    }
}

/// The running mix behind ``Segment/scope``: equal for both directions of a flow, 0 for plain frames.
@usableFromInline
struct Scope: Equatable, Sendable {
    @usableFromInline var value: UInt32 = 0

    @inlinable
    init() {}

    /// Mixes in one word; the order of the calls matters, as the order of the headers does.
    @inlinable
    mutating func mix(_ word: UInt32) {
        var mixed = (value ^ word) &* 0x9e37_79b1
        mixed ^= mixed >> 15
        mixed = mixed &* 0x85eb_ca77
        mixed ^= mixed >> 13
        value = mixed == 0 ? 1 : mixed
    }

    /// Mixes in the VLAN identifier of a tag: the low twelve bits. The priority bits differ between
    /// frames of one flow, and identifier 0 only carries priority, so neither counts (IEEE 802.1Q, 9.6).
    @inlinable
    mutating func mix(tagControl: UInt16) {
        let identifier = UInt32(tagControl & 0xfff)
        if identifier != 0 { mix(identifier) }
    }

    /// Mixes in the outer endpoints of a tunnel, in no order.
    mutating func mix(_ kind: TunnelKind, between a: Address, and b: Address) {
        mix(kind.rawValue)
        mix(fold(a) &+ fold(b))
    }

    /// Mixes in an identifier that both directions share.
    mutating func mix(_ kind: TunnelKind, _ identifier: UInt32) {
        mix(kind.rawValue)
        mix(identifier)
    }

    private func fold(_ address: Address) -> UInt32 {
        var one = Scope()
        one.mix(UInt32(truncatingIfNeeded: address.high >> 32))
        one.mix(UInt32(truncatingIfNeeded: address.high))
        one.mix(UInt32(truncatingIfNeeded: address.low >> 32))
        one.mix(UInt32(truncatingIfNeeded: address.low))
        return one.value
    }
}
