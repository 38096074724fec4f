import ArgumentParser
import Arguments
import TCPState

/// The flags that say whose TCP timers to assume.
struct StackOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whose TCP timers to assume: \(stacks).", valueName: "stack"))
    var stack: String = "linux"

    @Option(
        help: ArgumentHelp(
            "Override a timer, for example time-wait=60s; repeatable. Timers: \(timers).",
            valueName: "name=time"))
    var timer: [TimerOverride] = []

    /// The profile, with its overrides.
    var profile: StackProfile {
        var profile = StackProfile.all.first { $0.name == stack } ?? .linux
        for override in timer { override.apply(to: &profile) }
        return profile
    }

    mutating func validate() throws {
        if !StackProfile.all.contains(where: { $0.name == stack }) {
            throw ValidationError("--stack '\(stack)' is unknown; valid values: \(stacks).")
        }
    }
}

/// The names of the profiles, for help.
private let stacks = StackProfile.all.map(\.name).joined(separator: ", ")
/// The names of the timers, for help.
private let timers = TimerOverride.Timer.allCases.map(\.rawValue).joined(separator: ", ")
