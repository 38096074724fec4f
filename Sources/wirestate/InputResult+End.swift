import Analysis
import Capture
import Reports

extension InputResult {
    /// Writes what was wrong with the input to standard error; exits with code 3 if anything was.
    func end(_ output: Output) throws(CommandFailure) {
        output.finish()
        complain(problems.map { "\($0)" })
        if !problems.isEmpty || output.exitCode != 0 { throw CommandFailure() }
    }
}
