extension Segment {
    /// The scope of a frame whose only tag is that of a VLAN, from 1 to 4094.
    public static func scope(ofVLAN identifier: UInt16) -> UInt32 {
        var scope = Scope()
        scope.mix(tagControl: identifier)
        return scope.value
    }
}

/// The running mix behind ``Segment/scope``: equal for both directions of a flow, 0 for plain frames.
///
/// A scope has 32 bits, and strangers choose what is mixed. The mix is a polynomial modulo 2⁶¹ - 1 at a point that is
/// the process's secret (Carter and Wegman 1979), brought to 32 bits by a secret multiplication (Dietzfelbinger 1996):
/// any two different ways have equal scopes with probability 2⁻³² (and n · 2⁻⁶¹ for n words), and nobody can look for
/// a pair that has, nor make his segments pass for those of another network.
@usableFromInline
struct Scope: Equatable, Sendable {
    private var state: UInt64 = 0

    @usableFromInline
    init() {}

    /// The mix so far.
    @usableFromInline var value: UInt32 {
        guard state != 0 else { return 0 }
        let secret = ScopeSecret.shared
        let sum = UInt128(state) &* secret.multiplier &+ secret.summand
        return max(1, UInt32(truncatingIfNeeded: sum >> 96))
    }

    /// Mixes in one word; the order of the calls matters, as the order of the headers does.
    @usableFromInline
    mutating func mix(_ word: UInt32) {
        // No word is 0: so the number of words counts, too.
        let product = (UInt128(state) &+ UInt128(word) &+ 1) &* UInt128(ScopeSecret.shared.point)
        let once = (product & Scope.prime) &+ product >> 61
        state = UInt64(truncatingIfNeeded: (once & Scope.prime) &+ once >> 61)
    }

    private static let prime: UInt128 = 1 << 61 - 1

    /// Mixes in the VLAN identifier of a tag: the low twelve bits. The priority bits differ between
    /// frames of one flow, and identifier 0 only carries priority, so neither counts (IEEE 802.1Q, 9.6).
    @usableFromInline
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
