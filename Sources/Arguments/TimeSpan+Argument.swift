public import Wire

extension TimeSpan {
    /// A length of time as people write it: `60s`, `1.5s`, `500ms`, `2m`, `1h`, or `never`; seconds without a unit. Nil for
    /// anything else.
    public init?(argument text: String) {
        if text == "never" {
            self = .max
            return
        }
        let number = text.prefix { $0.isNumber || $0 == "." }
        let unit: Double
        switch text.dropFirst(number.count) {
        case "", "s": unit = 1e9
        case "ms": unit = 1e6
        case "m", "min": unit = 60e9
        case "h": unit = 3600e9
        default: return nil
        }
        guard let value = Double(number), value * unit < 9e18 else { return nil }
        self.init(nanoseconds: Int64(value * unit))
    }
}
