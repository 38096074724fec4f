import Wire

/// How many lines of a kind are written in a second: what is more is counted and left out.
struct LineRate {
    private let limit: UInt64?
    private var second = Timestamp(nanoseconds: .min)
    private var written: UInt64 = 0
    private var leftOut: UInt64 = 0

    /// - Parameter limit: lines a second; nil for as many as there are.
    init(limit: UInt64?) { self.limit = limit }

    /// Whether one more line may be written now.
    mutating func admits(_ now: Timestamp) -> Bool {
        guard let limit else { return true }
        if now - second >= .seconds(1) { (second, written) = (now, 0) }
        guard written < limit else {
            leftOut += 1
            return false
        }
        written += 1
        return true
    }

    /// How many were left out since the last call; nil for none, and while the second lasts in which they were.
    mutating func takeLoss(_ now: Timestamp) -> UInt64? {
        guard leftOut > 0, now - second >= .seconds(1) else { return nil }
        defer { leftOut = 0 }
        return leftOut
    }
}
