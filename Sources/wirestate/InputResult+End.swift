import Analysis
import Capture
import Reports

extension InputResult {
    /// Writes what was wrong with the input to standard error; exits with code 3 if anything was.
    func end(_ output: Output) throws(CommandFailure) { try output.end(problems) }
}

extension Output {
    /// Writes the rest, and what was wrong with the input to standard error; exits with code 3 if anything was.
    func end(_ problems: [CaptureError]) throws(CommandFailure) {
        finish()
        complain(problems.map { "\($0)" })
        if !problems.isEmpty || exitCode != 0 { throw CommandFailure() }
    }
}
