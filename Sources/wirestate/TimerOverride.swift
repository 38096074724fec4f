import ArgumentParser
import TCPState

/// One timer of the stack profile with another value: `time-wait=60s`.
struct TimerOverride: ExpressibleByArgument {
    /// The timers that have names of their own on the command line.
    enum Timer: String, CaseIterable {
        case timeWait = "time-wait"
        case timeWaitSlack = "time-wait-slack"
        case finWait2 = "fin-wait-2"
        case synSent = "syn-sent"
        case synReceived = "syn-received"
        case dataRetries = "data-retries"
        case orphanRetries = "orphan-retries"
        case delayedACK = "delayed-ack"
        case keepaliveInterval = "keepalive-interval"
    }

    private let timer: Timer
    private let nanoseconds: Int64

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let timer = Timer(rawValue: parts[0]),
            let length = Self.nanoseconds(parts[1])
        else { return nil }
        self.timer = timer
        nanoseconds = length
    }

    /// Puts the value into a profile.
    func apply(to profile: inout StackProfile) {
        switch timer {
        case .timeWait: profile.timeWait = nanoseconds
        case .timeWaitSlack: profile.timeWaitSlack = nanoseconds
        case .finWait2: profile.finWait2 = nanoseconds
        case .synSent: profile.synSent = nanoseconds
        case .synReceived: profile.synReceived = nanoseconds
        case .dataRetries: profile.dataRetries = nanoseconds
        case .orphanRetries: profile.orphanRetries = nanoseconds
        case .delayedACK: profile.delayedACK = nanoseconds
        case .keepaliveInterval: profile.keepaliveInterval = nanoseconds
        }
    }

    /// `60s`, `1.5s`, `500ms`, `2m`, `1h`, or `never`; seconds without a unit.
    private static func nanoseconds(_ text: String) -> Int64? {
        if text == "never" { return .max }
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
        return Int64(value * unit)
    }
}
