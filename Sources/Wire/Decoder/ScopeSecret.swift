internal import Synchronization

/// What a process mixes the scopes of its segments with: see ``Segment/scope``. A scope that another process has made means
/// the same only with the same secret.
public struct ScopeSecret: Hashable, Sendable {
    /// Where the polynomial is evaluated.
    let point: UInt64
    let multiplier: UInt128
    let summand: UInt128

    /// The process's own: the one that was installed before anything was decoded, else one that is drawn.
    public static let shared = chosen.withLock { $0 } ?? ScopeSecret()

    private static let chosen = Mutex<ScopeSecret?>(nil)
    private static let points: Range<UInt64> = 1 << 32..<1 << 61 - 1

    /// Draws one.
    private init() {
        point = .random(in: Self.points)
        multiplier = .random(in: 0 ... .max)
        summand = .random(in: 0 ... .max)
    }

    /// The one that another process has written down as ``words``; nil if none writes that.
    public init?(words: InlineArray<5, UInt64>) {
        guard Self.points.contains(words[0]) else { return nil }
        point = words[0]
        multiplier = UInt128(words[1]) << 64 | UInt128(words[2])
        summand = UInt128(words[3]) << 64 | UInt128(words[4])
    }

    /// All of it.
    public var words: InlineArray<5, UInt64> {
        [
            point, UInt64(truncatingIfNeeded: multiplier >> 64),
            UInt64(truncatingIfNeeded: multiplier), UInt64(truncatingIfNeeded: summand >> 64),
            UInt64(truncatingIfNeeded: summand),
        ]
    }

    /// Makes it the process's, whose scopes go on from those of another one; to be called before anything is decoded. Returns
    /// false if the process has another one already.
    public func install() -> Bool {
        ScopeSecret.chosen.withLock { $0 = $0 ?? self }
        return ScopeSecret.shared == self
    }
}
