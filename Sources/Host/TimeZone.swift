internal import Glibc
public import Wire

/// The time zone that this process was told: `TZ`, or that of the host.
public enum TimeZone {
    /// Seconds east of UTC at a time. The corresponding C function is `localtime_r`.
    public static func local() -> @Sendable (Timestamp) -> Int64 {
        tzset()
        return { time in
            var seconds = time_t(time.nanoseconds / 1_000_000_000)
            var parts = unsafe tm()
            guard unsafe localtime_r(&seconds, &parts) != nil else { return 0 }
            return unsafe Int64(parts.tm_gmtoff)
        }
    }
}
