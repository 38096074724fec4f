public import TCPState
internal import Wire

/// One timer of the stack profile with another value: `time-wait=60s`.
public struct TimerOverride: Sendable {
    /// The timers that have names of their own on the command line.
    public enum Timer: String, CaseIterable, Sendable {
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
    private let duration: TimeSpan

    /// Reads a name and a length of time; nil for anything else.
    public init?(_ argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let timer = Timer(rawValue: parts[0]),
            let duration = TimeSpan(argument: parts[1])
        else { return nil }
        self.timer = timer
        self.duration = duration
    }

    /// Puts the value into a profile.
    public func apply(to profile: inout StackProfile) {
        switch timer {
        case .timeWait: profile.timeWait = duration
        case .timeWaitSlack: profile.timeWaitSlack = duration
        case .finWait2: profile.finWait2 = duration
        case .synSent: profile.synSent = duration
        case .synReceived: profile.synReceived = duration
        case .dataRetries: profile.dataRetries = duration
        case .orphanRetries: profile.orphanRetries = duration
        case .delayedACK: profile.delayedACK = duration
        case .keepaliveInterval: profile.keepaliveInterval = duration
        }
    }
}
