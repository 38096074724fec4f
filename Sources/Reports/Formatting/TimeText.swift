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
    public func iso8601(places: Int) -> String { "\(date)T\(clock(places))\(zone)" }

    /// `Z` for UTC, else the offset: `+02:00`.
    public var zone: String {
        guard offset != 0 else { return "Z" }
        let minutes = Int64(offset.magnitude) / 60
        return (offset < 0 ? "-" : "+") + digits(minutes / 60, 2) + ":" + digits(minutes % 60, 2)
    }

    /// RFC 3339 with nanoseconds: `2026-11-21T00:42:45.123456789Z`.
    public var rfc3339: String { "\(date)T\(clock(9))Z" }

    /// `2026-11-21`. Gregorian calendar, after the algorithm of Howard Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms".
    public var date: String {
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
        return "\(digits(year, 4))-\(digits(civil, 2))-\(digits(day, 2))"
    }

    /// `00:42:45.123456`, with 0 to 9 digits after the point.
    public func clock(_ places: Int) -> String {
        let clock =
            digits(seconds / 3600, 2) + ":" + digits(seconds / 60 % 60, 2) + ":"
            + digits(seconds % 60, 2)
        return places == 0 ? clock : clock + "." + digits(fraction, 9).prefix(places)
    }

    private func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
