public import Wire

/// A point in a capture's time, as people write it.
public enum TimeArgument: Hashable, Sendable {
    /// The end of the capture.
    case end
    /// A point in time.
    case absolute(Timestamp)
    /// This long after the first frame: `+12.5s`.
    case relative(TimeSpan)
    /// This long after midnight UTC, the first time in the capture: `14:03:07.25`.
    case clock(TimeSpan)

    /// Reads one of the forms; nil for anything else.
    public init?(_ argument: String) {
        if argument == "end" {
            self = .end
        } else if argument.hasPrefix("+") {
            guard let duration = TimeSpan(argument: String(argument.dropFirst())) else {
                return nil
            }
            self = .relative(duration)
        } else if let time = TimeArgument.iso8601(argument) {
            self = .absolute(time)
        } else if let clock = TimeArgument.clock(argument[...]) {
            self = .clock(TimeSpan(nanoseconds: clock))
        } else if let time = TimeArgument.decimal(argument[...], limit: 9_000_000_000) {
            self = .absolute(Timestamp(nanoseconds: time))
        } else {
            return nil
        }
    }

    /// The point in time in a capture; nil for its end. A time of day is of the day on which the capture begins, also where
    /// it is less than a minute before that; earlier ones are of the next day.
    public func time(from first: Timestamp) -> Timestamp? {
        switch self {
        case .end: return nil
        case .absolute(let time): return time
        case .relative(let duration): return first + duration
        case .clock(let duration):
            let day: Int64 = 86_400_000_000_000
            let ago = first.nanoseconds % day
            let midnight = first - TimeSpan(nanoseconds: ago < 0 ? ago + day : ago)
            let time = midnight + duration
            let isOfNextDay = first - time >= .seconds(60)
            return isOfNextDay ? time + TimeSpan(nanoseconds: day) : time
        }
    }

    /// `2026-11-21T01:02:42.479318Z`; a space for the T; no zone is UTC; or `+01:00`.
    private static func iso8601(_ text: String) -> Timestamp? {
        let parts = text.split(
            maxSplits: 1, omittingEmptySubsequences: false,
            whereSeparator: { $0 == "T" || $0 == "t" || $0 == " " })
        guard parts.count == 2 else { return nil }
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            .map { whole($0) }
        guard date.count == 3, let year = date[0], let month = date[1], let day = date[2],
            (1678...2261).contains(year), (1...12).contains(month),
            (1...daysIn(month, year)).contains(day)
        else { return nil }
        var clockText = parts[1]
        var offset: Int64 = 0
        if clockText.hasSuffix("Z") || clockText.hasSuffix("z") {
            clockText = clockText.dropLast()
        } else if let sign = clockText.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            guard let duration = clock(clockText[clockText.index(after: sign)...]) else {
                return nil
            }
            offset = clockText[sign] == "+" ? duration : -duration
            clockText = clockText[..<sign]
        }
        guard let time = clock(clockText) else { return nil }
        let days = daysSinceEpoch(year, month, day)
        return Timestamp(nanoseconds: days * 86_400_000_000_000 + time - offset)
    }

    /// `14:03`, `14:03:07`, `14:03:07.25` as nanoseconds.
    private static func clock(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let hours = whole(parts[0]), hours < 24,
            let minutes = whole(parts[1]), minutes < 60,
            let seconds = parts.count == 3 ? decimal(parts[2], limit: 60) : 0
        else { return nil }
        return (hours * 60 + minutes) * 60_000_000_000 + seconds
    }

    /// Seconds with up to nine decimals, below `limit`, as nanoseconds; no float comes near.
    private static func decimal(_ text: Substring, limit: Int64) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = whole(parts[0]), seconds < limit else { return nil }
        guard parts.count == 2 else { return seconds * 1_000_000_000 }
        let digits = parts[1]
        guard digits.count <= 9,
            let fraction = whole(
                Substring(digits + String(repeating: "0", count: 9 - digits.count))),
            !digits.isEmpty
        else { return nil }
        return seconds * 1_000_000_000 + fraction
    }

    private static func whole(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }

    private static func daysIn(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"; for years after 0.
    private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
