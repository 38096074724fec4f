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
            let length = DurationArgument.nanoseconds(parts[1])
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
}
