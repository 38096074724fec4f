internal import Diagnosis
public import Reports
public import Wire

/// What a reader of a table of sockets should know.
public enum SocketRemarks {
    /// The remarks, a line each.
    ///
    /// - Parameter time: the moment that was asked for; nil for the end of the capture.
    public static func lines(_ summary: InputSummary, at time: Timestamp?) -> [String] {
        var lines: [String] = []
        if summary.evicted > 0 {
            lines.append(
                "the connection table was full: \(Count(summary.evicted).of("connection")) removed early"
            )
        }
        guard let first = summary.first, let last = summary.last, let time else { return lines }
        if time < first {
            lines.append("--at is before the first frame (\(TimeText(first).iso8601))")
        } else if time > last {
            lines.append(
                "--at is after the last frame (\(TimeText(last).iso8601)): shows the sockets as of that frame"
            )
        }
        return lines
    }
}
