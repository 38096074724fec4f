public import Wire

// The values of packets.
extension BinaryCoder {
    /// A moment, as its distance from ``timeOrigin``; those that stand for none, 0 and the earliest, are one byte.
    @inlinable
    public mutating func callAsFunction(_ time: inout Timestamp) {
        if isReading { time = readTime() } else { write(time) }
    }

    @usableFromInline
    mutating func write(_ time: Timestamp) {
        let word = ZigZag.pack(time.nanoseconds &- timeOrigin)
        switch time.nanoseconds {
        case 0: write(0 as UInt64)
        case .min: write(1 as UInt64)
        case _ where word >> 63 == 0: write(word &+ 3)
        default:
            // From half the range on it does not fit beside the marks.
            write(2 as UInt64)
            write(word)
        }
    }

    @usableFromInline
    mutating func readTime() -> Timestamp {
        let word = readWord()
        switch word {
        case 0: return Timestamp(nanoseconds: 0)
        case 1: return Timestamp(nanoseconds: .min)
        default:
            let packed = word == 2 ? readWord() : word &- 3
            return Timestamp(nanoseconds: timeOrigin &+ ZigZag.unpack(packed))
        }
    }

    /// A moment that may be missing.
    @inlinable
    public mutating func callAsFunction(_ time: inout Timestamp?) {
        optional(&time, Timestamp(nanoseconds: 0)) { $1(&$0) }
    }

    /// A length of time.
    @inlinable
    public mutating func callAsFunction(_ span: inout TimeSpan) { self(&span.nanoseconds) }

    /// A length of time that may be missing.
    @inlinable
    public mutating func callAsFunction(_ span: inout TimeSpan?) {
        optional(&span, 0) { $1(&$0) }
    }

    /// A frame, as its distance from ``frameOrigin``.
    @inlinable
    public mutating func frame(_ frame: inout UInt64) {
        var distance = Int64(bitPattern: frame &- frameOrigin)
        self(&distance)
        if isReading { frame = frameOrigin &+ UInt64(bitPattern: distance) }
    }

    /// A frame that may be missing.
    @inlinable
    public mutating func frame(_ frame: inout UInt64?) {
        optional(&frame, 0) { $1.frame(&$0) }
    }

    /// A sequence number.
    @inlinable
    public mutating func callAsFunction(_ number: inout SequenceNumber) {
        var raw = number.rawValue
        self(&raw)
        if isReading { number = SequenceNumber(raw) }
    }

    /// A sequence number, as its distance from one that is near it as a rule; 0 is one byte.
    @inlinable
    public mutating func callAsFunction(
        _ number: inout SequenceNumber, near other: SequenceNumber
    ) {
        var raw = number.rawValue
        self(&raw, near: other.rawValue)
        if isReading { number = SequenceNumber(raw) }
    }

    /// A number of 32 bits that wraps around, in the same way.
    @inlinable
    public mutating func callAsFunction(_ number: inout UInt32, near other: UInt32) {
        guard isReading else {
            let distance = Int32(bitPattern: number &- other)
            return write(number == 0 ? 0 : ZigZag.pack(Int64(distance)) &+ 1)
        }
        let word = readWord()
        if word == 0 {
            number = 0
        } else if let distance = Int32(exactly: ZigZag.unpack(word &- 1)) {
            number = other &+ UInt32(bitPattern: distance)
        } else {
            fail()
        }
    }

    /// An address: the shorter form for IPv4.
    @inlinable
    public mutating func callAsFunction(_ address: inout Address) {
        var isIPv4 = address.isIPv4
        self(&isIPv4)
        var high = address.high
        var low = isIPv4 ? address.low & 0xffff_ffff : address.low
        if !isIPv4 { self(&high) }
        self(&low)
        guard isReading else { return }
        if isIPv4 {
            guard let number = UInt32(exactly: low) else { return fail() }
            address = Address(ipv4: number)
        } else {
            address = Address(high: high, low: low)
        }
    }
}
