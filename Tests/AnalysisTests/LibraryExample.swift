import Analysis
import Diagnosis
import Reports

/// Prints the findings of a capture: what a program has to write for that.
func printFindings(_ file: String, _ print: (String) -> Void) throws {
    let analysis = CaptureAnalysis(AnalysisOptions(files: [file]))
    let (input, report) = try analysis.report()
    for group in report.findings where group.severity <= .warning {
        print("\(group.count) \(group.key.diagnosis.name): \(group.title)")
    }
    for problem in input.problems { print("\(problem)") }
}
