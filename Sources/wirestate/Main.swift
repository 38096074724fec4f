import ArgumentParser
import Capture
import Glibc

/// Runs the command and turns what it throws into an exit code: 0 done, 2 usage, 3 capture or file
/// trouble. Results go to standard output, everything else to standard error.
@main
enum Main {
    static func main() {
        // A reader that goes away (`| head`) is no error: writing tells.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Wirestate.parseAsRoot(arguments)
            try command.run()
        } catch let error as CommandFailure {
            complain(error.lines)
            exit(error.code)
        } catch let error as CaptureError {
            complain(["\(error)"])
            if case .filter = error { exit(2) }
            exit(3)
        } catch {
            end(error)
        }
    }

    /// The command's arguments. The words of a capture filter stand after `--`, as many as there are;
    /// a second list of words beside the files is beyond the parser.
    private static var arguments: [String] {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let end = arguments.firstIndex(of: "--") else { return arguments }
        let words = arguments[(end + 1)...]
        let filter = words.isEmpty ? [] : ["--filter-words=" + words.joined(separator: " ")]
        return arguments[..<end] + filter
    }

    /// Help and versions are results; a usage error is not.
    private static func end(_ error: any Error) -> Never {
        let code = Wirestate.exitCode(for: error)
        let text = Wirestate.fullMessage(for: error)
        guard code == .success else {
            writeAll(text + "\n", to: STDERR_FILENO)
            exit(2)
        }
        let output = Output()
        output.write(text + "\n")
        output.finish()
        exit(output.exitCode)
    }
}

/// What ends the command: lines for standard error, and the exit code.
struct CommandFailure: Error {
    var lines: [String] = []
    var code: Int32 = 3
}

/// Writes lines to standard error, each behind the command's name.
func complain(_ lines: [String]) {
    for line in lines { writeAll("wirestate: \(line)\n", to: STDERR_FILENO) }
}
