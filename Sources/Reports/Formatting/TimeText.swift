public import Wire

/// A point in time in the forms that reports print: in UTC, or with an offset.
public struct TimeText: Sendable {
    private let days: Int64
    private let seconds: Int64
    private let fraction: Int64
    private let offset: Int64

    /// Takes a time apart.
    ///
    /// - Parameter offset: seconds east of UTC, less than a day.
    public init(_ time: Timestamp, offset: Int64 = 0) {
        let (whole, fraction) = TimeText.divide(time.nanoseconds, by: 1_000_000_000)
        (days, seconds) = TimeText.divide(whole + offset, by: 86400)
        self.fraction = fraction
        self.offset = offset
    }

    /// Quotient and remainder, rounded down, so that times before 1970 come out right.
    private static func divide(_ number: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// ISO 8601: `2026-11-21T00:42:45.123456Z`, with nine digits where the last three are not zero.
    public var iso8601: String { iso8601(places: fraction % 1000 == 0 ? 6 : 9) }

    /// ISO 8601 with 0 to 9 digits after the point.
    public func iso8601(places: Int) -> String {
        text {
            appendDate(to: &$0)
            $0.append(UInt8(ascii: "T"))
            appendClock(places, to: &$0)
        } + zone
    }

    /// `Z` for UTC, else the offset: `+02:00`.
    public var zone: String {
        guard offset != 0 else { return "Z" }
        let minutes = offset.magnitude / 60
        return text {
            $0.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            $0.append(decimal: minutes / 60, width: 2)
            $0.append(UInt8(ascii: ":"))
            $0.append(decimal: minutes % 60, width: 2)
        }
    }

    /// Appends RFC 3339 with nanoseconds: `2026-11-21T00:42:45.123456789Z`. There must be room for 30 bytes.
    func appendRFC3339(to text: inout OutputSpan<UInt8>) {
        appendDate(to: &text)
        text.append(UInt8(ascii: "T"))
        appendClock(9, to: &text)
        text.append(UInt8(ascii: "Z"))
    }

    /// `2026-11-21`.
    public var date: String { text { appendDate(to: &$0) } }

    /// `00:42:45.123456`, with 0 to 9 digits after the point.
    public func clock(_ places: Int) -> String { text { appendClock(places, to: &$0) } }

    private func text(_ write: (inout OutputSpan<UInt8>) -> Void) -> String {
        var text: [UInt8] = []
        text.append(addingCapacity: 30) { write(&$0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Gregorian calendar, after the algorithm of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    /// 64 bits of nanoseconds do not reach the year 0.
    private func appendDate(to text: inout OutputSpan<UInt8>) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civil = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civil <= 2 ? 1 : 0)
        text.append(twoDigits: year.magnitude / 100)
        text.append(twoDigits: year.magnitude % 100)
        text.append(UInt8(ascii: "-"))
        text.append(twoDigits: civil.magnitude)
        text.append(UInt8(ascii: "-"))
        text.append(twoDigits: day.magnitude)
    }

    private func appendClock(_ places: Int, to text: inout OutputSpan<UInt8>) {
        text.append(twoDigits: (seconds / 3600).magnitude)
        text.append(UInt8(ascii: ":"))
        text.append(twoDigits: (seconds / 60 % 60).magnitude)
        text.append(UInt8(ascii: ":"))
        text.append(twoDigits: (seconds % 60).magnitude)
        guard places > 0 else { return }
        text.append(UInt8(ascii: "."))
        text.append(decimal: fraction.magnitude, width: 9)
        text.removeLast(9 - places)
    }
}
