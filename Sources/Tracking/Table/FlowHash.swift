public import TCPState
public import Wire

/// A keyed 64-bit hash of a whole `FlowKey`, by secrets of the run.
///
/// It is multilinear, two words of 64 bits to a product, secrets of 128 bits: the upper half of a sum modulo 2¹²⁸ (Carter
/// and Wegman 1979; MULTILINEAR-HM of Lemire and Kaser, "Strongly universal string hashing is fast", 2014). Any two
/// different keys have equal hashes with probability 2⁻⁶⁴, and equal upper or lower halves with 2⁻³², over the choice
/// of the secrets: also where a stranger chooses both addresses and both ports of every key, as long as the hashes do
/// not show. The two ends are put in order first and have different secrets, so that mirrored ends do not cancel out.
/// Sums of products keep arithmetic progressions, which would crowd neighbouring slots: a bijection scatters them.
public struct FlowHash: Sendable {
    /// For an end that fits into one word with its port: IPv4.
    @usableFromInline let short: (offset: UInt128, low: UInt128, high: UInt128)
    /// For any ends: two words each, and one for both ports.
    @usableFromInline let long:
        (
            offset: UInt128, low: UInt128, low2: UInt128, high: UInt128, high2: UInt128,
            ports: UInt128
        )
    @usableFromInline let scope: UInt128

    /// A hash with secrets drawn from a seed.
    public init(seed: UInt64) {
        var state = seed
        func secret() -> UInt128 {
            UInt128(FlowHash.next(&state)) << 64 | UInt128(FlowHash.next(&state))
        }
        short = (secret(), secret(), secret())
        long = (secret(), secret(), secret(), secret(), secret(), secret())
        scope = secret()
    }

    /// The hash of a key: the same for both directions of a connection, whatever its scopes.
    @inlinable @inline(__always) @_addressableSelf
    public func callAsFunction(_ key: FlowKey) -> UInt64 {
        callAsFunction(key.low, key.lowPort, key.high, key.highPort)
    }

    /// The hash of a key by its parts, the smaller end first.
    @inlinable @inline(__always) @_addressableSelf
    public func callAsFunction(
        _ low: Address, _ lowPort: UInt16, _ high: Address, _ highPort: UInt16
    ) -> UInt64 {
        guard FlowHash.areShort(low, high) else { return longHash(low, lowPort, high, highPort) }
        return shortHash(FlowHash.word(low, lowPort), FlowHash.word(high, highPort))
    }

    /// The hash of a segment's key, and which end of its connection sent it, as ``FlowKey/sender(of:)`` has it.
    @inlinable @inline(__always) @_addressableSelf
    func callAsFunction(
        _ segment: borrowing @_addressable Segment
    ) -> (hash: UInt64, sender: Side) {
        guard FlowHash.areShort(segment.source, segment.destination) else {
            let sender = FlowKey.sender(of: segment)
            return (self(FlowKey(segment, sender: sender)), sender)
        }
        // An address with its port behind it is one number: it has their order.
        let source = FlowHash.word(segment.source, segment.sourcePort)
        let destination = FlowHash.word(segment.destination, segment.destinationPort)
        let hash = shortHash(min(source, destination), max(source, destination))
        return (hash, source <= destination ? .low : .high)
    }

    /// Whether both addresses fit into one word with their ports: those of IPv4.
    @inlinable @inline(__always)
    static func areShort(_ a: Address, _ b: Address) -> Bool {
        a.high | b.high | (a.low | b.low) >> 48 == 0
    }

    @inlinable @inline(__always)
    static func word(_ address: Address, _ port: UInt16) -> UInt64 {
        address.low << 16 | UInt64(port)
    }

    @inlinable @inline(__always) @_addressableSelf
    func shortHash(_ low: UInt64, _ high: UInt64) -> UInt64 {
        FlowHash.scatter(
            upperHalf: short.offset &+ (short.low &+ UInt128(low)) &* (short.high &+ UInt128(high)))
    }

    @usableFromInline @inline(never) @_addressableSelf
    func longHash(
        _ low: Address, _ lowPort: UInt16, _ high: Address, _ highPort: UInt16
    ) -> UInt64 {
        let ports = UInt128(UInt32(lowPort) << 16 | UInt32(highPort))
        return FlowHash.scatter(
            upperHalf: long.offset &+ long.ports &* ports
                &+ (long.low &+ UInt128(low.low)) &* (long.low2 &+ UInt128(low.high))
                &+ (long.high &+ UInt128(high.low)) &* (long.high2 &+ UInt128(high.high)))
    }

    /// The hash of a key together with one of its scopes.
    @inlinable
    public func scoped(_ hash: UInt64, _ scope: UInt32) -> UInt64 {
        let product = self.scope &* UInt128(scope)
        return FlowHash.scatter(hash &+ UInt64(truncatingIfNeeded: product >> 64))
    }

    @inlinable @inline(__always)
    static func scatter(upperHalf sum: UInt128) -> UInt64 {
        scatter(UInt64(truncatingIfNeeded: sum >> 64))
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
