internal import Wire

/// How an interface of a pcapng file counts time: the options `if_tsresol` and `if_tsoffset`.
struct TimestampResolution: Hashable {
    /// Units per second.
    let unitsPerSecond: UInt64
    /// Seconds to add.
    let offset: Int64
    /// Nanoseconds per unit where that is a whole number, else 0.
    let nanosecondsPerUnit: UInt64
    /// Unit counts below this take the short computation.
    let shortLimit: UInt64

    /// Microseconds since the epoch, as the format has it where no option says otherwise.
    static let microseconds = TimestampResolution(unitsPerSecond: 1_000_000, offset: 0)

    init(unitsPerSecond: UInt64, offset: Int64) {
        self.unitsPerSecond = unitsPerSecond
        self.offset = offset
        let isExact = unitsPerSecond <= 1_000_000_000 && 1_000_000_000 % unitsPerSecond == 0
        nanosecondsPerUnit = isExact ? 1_000_000_000 / unitsPerSecond : 0
        // Up to where nothing is clamped: see Timestamp.init(seconds:nanoseconds:).
        shortLimit = isExact && offset == 0 ? 9_223_372_036 * unitsPerSecond : 0
    }

    /// Makes the resolution of an `if_tsresol` byte: a negative power of ten, or of two where the
    /// high bit is set. `nil` where a second has more units than 64 bits can count.
    static func unitsPerSecond(option: UInt8) -> UInt64? {
        let exponent = option & 0x7f
        if option & 0x80 != 0 { return exponent > 63 ? nil : 1 << UInt64(exponent) }
        if exponent > 19 { return nil }
        return (0..<exponent).reduce(into: UInt64(1)) { power, _ in power &*= 10 }
    }

    /// The time that a count of units means, rounded down to nanoseconds and clamped to what a
    /// ``Timestamp`` can hold.
    @inline(__always)
    func timestamp(_ units: UInt64) -> Timestamp {
        units < shortLimit
            ? Timestamp(nanoseconds: Int64(bitPattern: units &* nanosecondsPerUnit))
            : exactTimestamp(units)
    }

    @inline(never)
    private func exactTimestamp(_ units: UInt64) -> Timestamp {
        // The sum wraps, as libpcap's does: offsets are signed, counts are not.
        let seconds = Int64(bitPattern: units / unitsPerSecond) &+ offset
        let fraction = (units % unitsPerSecond).multipliedFullWidth(by: 1_000_000_000)
        let nanoseconds = unitsPerSecond.dividingFullWidth(fraction).quotient
        return Timestamp(seconds: seconds, nanoseconds: Int64(nanoseconds))
    }
}

extension Timestamp {
    /// Joins seconds with a fraction, each clamped: a fraction that is negative or a second and more
    /// to just less than a second, the seconds to the 292 years on either side of 1970.
    init(seconds: Int64, nanoseconds: Int64) {
        let whole = min(max(seconds, -9_223_372_035), 9_223_372_035) &* 1_000_000_000
        let fraction = min(UInt64(bitPattern: nanoseconds), 999_999_999)
        self.init(nanoseconds: whole &+ Int64(fraction))
    }
}
