import ArgumentParser
import Arguments
import Capture
import Diagnosis
import Reports

/// The flags of the commands that look for findings.
struct FindingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Override a detection threshold, for example close-wait=120s; repeatable. \
            'wirestate help thresholds' lists them.
            """, valueName: "name=value"),
        transform: ThresholdOverride.init(_:))
    var threshold: [ThresholdOverride] = []

    /// The thresholds with their overrides.
    var limits: Thresholds {
        var limits = Thresholds.standard
        for override in threshold { override.apply(to: &limits) }
        return limits
    }
}
