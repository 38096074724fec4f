import ArgumentParser
import Arguments
import TCPState

/// The flags that say whose TCP timers to assume.
struct StackOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whose TCP timers to assume: linux, rfc, bsd or windows.", valueName: "stack"))
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
            let names = StackProfile.all.map(\.name).joined(separator: ", ")
            throw ValidationError("--stack '\(stack)' is unknown; valid values: \(names).")
        }
    }
}

/// The names of the timers, for help.
private let timers = TimerOverride.Timer.allCases.map(\.rawValue).joined(separator: ", ")
