public import TCPState
public import Wire

/// A keyed 64-bit hash of a whole ``FlowKey``, by secrets of the run.
///
/// It is multilinear: a secret factor of 128 bits for each 64-bit word, the products added modulo 2¹²⁸, the upper
/// half taken (Carter and Wegman 1979; Lemire and Kaser, "Strongly universal string hashing is fast", 2014). Any two
/// different keys have equal hashes with probability 2⁻⁶⁴, and equal upper or lower halves with 2⁻³², over the choice
/// of the secrets: also where a stranger chooses both addresses and both ports of every key, as long as the hashes do
/// not show. The two ends are put in order first and have different factors, so that mirrored ends do not cancel out.
/// Sums of products keep arithmetic progressions, which would crowd neighbouring slots: a bijection scatters them.
public struct FlowHash: Sendable {
    @usableFromInline let secrets: InlineArray<7, UInt128>

    /// A hash with secrets drawn from a seed.
    public init(seed: UInt64) {
        var state = seed
        secrets = InlineArray { _ in
            UInt128(FlowHash.next(&state)) << 64 | UInt128(FlowHash.next(&state))
        }
    }

    /// The hash of a key: the same for both directions of a connection, whatever its scopes.
    @inlinable @inline(__always)
    public func callAsFunction(_ key: FlowKey) -> UInt64 {
        callAsFunction(key.low, key.lowPort, key.high, key.highPort)
    }

    /// The hash of a key by its parts, the smaller end first.
    @inlinable @inline(__always)
    public func callAsFunction(
        _ low: Address, _ lowPort: UInt16, _ high: Address, _ highPort: UInt16
    ) -> UInt64 {
        let ports = UInt64(lowPort) << 16 | UInt64(highPort)
        var sum = secrets[0] &+ secrets[1] &* UInt128(low.low)
        sum = sum &+ secrets[2] &* UInt128(high.low) &+ secrets[3] &* UInt128(ports)
        if low.high | high.high != 0 {
            sum = sum &+ secrets[4] &* UInt128(low.high) &+ secrets[5] &* UInt128(high.high)
        }
        return FlowHash.scatter(UInt64(truncatingIfNeeded: sum >> 64))
    }

    /// The hash of a key together with one of its scopes.
    @inlinable
    public func scoped(_ hash: UInt64, _ scope: UInt32) -> UInt64 {
        let product = secrets[6] &* UInt128(scope)
        return FlowHash.scatter(hash &+ UInt64(truncatingIfNeeded: product >> 64))
    }

    /// A bijection after which every bit depends on most others.
    @inlinable @inline(__always)
    static func scatter(_ sum: UInt64) -> UInt64 {
        let product = (sum ^ sum >> 32) &* 0x9fb2_1c65_1e98_df25
        return product ^ product >> 29
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
