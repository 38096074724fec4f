/// What takes a bit or two of a ``CompactConnection``.
@frozen
@usableFromInline
struct CompactFacts: OptionSet, Sendable {
    @usableFromInline var rawValue: UInt32

    @inlinable
    init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable static var isOpenerHigh: CompactFacts { CompactFacts(rawValue: 1) }
    @inlinable static var isOpenerKnown: CompactFacts { CompactFacts(rawValue: 2) }
    @inlinable static var hasGap: CompactFacts { CompactFacts(rawValue: 4) }
    @inlinable static var isBreakerHigh: CompactFacts { CompactFacts(rawValue: 8) }
    @inlinable static var isBreakerData: CompactFacts { CompactFacts(rawValue: 16) }
    @inlinable static var isBreakerWaiting: CompactFacts { CompactFacts(rawValue: 32) }
    @inlinable static var gap: CompactFacts {
        [.hasGap, .isBreakerHigh, .isBreakerData, .isBreakerWaiting]
    }
    /// Whether the higher end sent the first segment.
    static var isFirstHigh: CompactFacts { CompactFacts(rawValue: 1 << 14) }
    /// Whether the addresses are kept elsewhere.
    @inlinable static var hasLongAddresses: CompactFacts { CompactFacts(rawValue: 1 << 30) }
    /// Whether the memory is in use.
    @inlinable static var isInUse: CompactFacts { CompactFacts(rawValue: 1 << 31) }
    /// Whether there are ``CompactDetails``.
    static var hasDetails: CompactFacts { CompactFacts(rawValue: 1 << 15) }

    /// Whether the first copy of an end's SYN was seen.
    static func hasControl(_ end: Int) -> CompactFacts {
        CompactFacts(rawValue: 64 << UInt32(end))
    }

    /// Whether it is only inferred that an end is established, which has sent nothing since its SYN,ACK.
    @inlinable static func isInferred(_ end: Int) -> CompactFacts {
        CompactFacts(rawValue: 4096 << UInt32(truncatingIfNeeded: end))
    }

    /// The grade of an end's state, in two bits.
    static func grade(_ end: Int, _ grade: Grade) -> CompactFacts {
        CompactFacts(rawValue: UInt32(grade.rawValue) << (8 + 2 * UInt32(end)))
    }

    mutating func setGrade(_ end: Int, _ grade: Grade) {
        rawValue &= ~(3 << (8 + 2 * UInt32(end)))
        insert(.grade(end, grade))
    }

    func grade(_ end: Int) -> Grade {
        Grade(rawValue: UInt8(truncatingIfNeeded: rawValue >> (8 + 2 * UInt32(end)) & 3))
            ?? .assumed
    }

    /// The place of a number that most connections need not keep.
    struct Derived {
        /// Where its two bits begin.
        fileprivate let shift: UInt32

        /// When the first end entered ESTABLISHED: usually when the second one did, or when that answered.
        static let since = Derived(shift: 16)
        /// The frame of that: usually a few before.
        static let sinceFrame = Derived(shift: 18)

        /// An end's ISS: usually one before its first byte, of which SND.NXT and the payload tell the number.
        static func initialSendSequence(_ end: Int) -> Derived {
            Derived(shift: 20 + 2 * UInt32(end))
        }

        /// SEG.ACK of an end's first segment: usually one behind its peer's ISS, or nothing.
        static func acknowledgmentNumber(_ end: Int) -> Derived {
            Derived(shift: 24 + 2 * UInt32(end))
        }

        /// When an inferred end entered SYN-RECEIVED: usually when it answered, or when the connection began. With it,
        /// all that is inferred of it.
        static let answer = Derived(shift: 28)
    }

    /// Where such a number is found.
    enum Source: UInt32 {
        case details
        case usual
        case other
    }

    func source(of number: Derived) -> Source {
        Source(rawValue: rawValue >> number.shift & 3) ?? .details
    }

    /// Notes where a number is found; if nowhere, that it is kept among the details.
    mutating func set<Number: Equatable>(
        _ number: Derived, _ value: Number, usually: Number, or other: Number? = nil
    ) {
        let source: Source = value == usually ? .usual : value == other ? .other : .details
        rawValue |= source.rawValue << number.shift
        if source == .details { insert(.hasDetails) }
    }
}
