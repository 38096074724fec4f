public import Wire

// The values of packets.
extension BinaryCoder {
    /// A moment, as its distance from ``timeOrigin``.
    @inlinable
    public mutating func callAsFunction(_ time: inout Timestamp) {
        var distance = time.nanoseconds &- timeOrigin
        self(&distance)
        if isReading { time.nanoseconds = timeOrigin &+ distance }
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
