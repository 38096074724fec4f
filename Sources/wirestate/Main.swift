import ArgumentParser
import Capture
import Glibc
import POSIX
import Reports

/// Runs the command and turns what it throws into an exit code: 0 done, 2 usage error, 3 a capture or file
/// failed. Results go to standard output, everything else to standard error.
@main
enum Main {
    static func main() {
        reserveStandardDescriptors()
        // A reader that goes away (`| head`) is no error: writing tells.
        signal(SIGPIPE, SIG_IGN)
        do {
            // Scripts and packages ask for it: without the parser it takes half the time.
            if arguments == ["--version"] { write(Wirestate.versionText) }
            if let topic = HelpTopic(arguments: arguments) { return try topic.write() }
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

    /// The command's arguments, which may be any bytes. The words of a capture filter stand after `--`, as many as there are;
    /// a second list of words beside the files is beyond the parser.
    private static var arguments: [String] {
        let arguments = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            unsafe CommandLine.unsafeArgv[index].map { unsafe PathText.text(cString: $0) }
        }
        guard let end = arguments.firstIndex(of: "--") else { return arguments }
        let words = arguments[(end + 1)...]
        let filter = words.isEmpty ? [] : ["--filter-words=" + words.joined(separator: " ")]
        return arguments[..<end] + filter
    }

    /// Help and versions are results; a usage error is not.
    private static func end(_ error: any Error) -> Never {
        let code = Wirestate.exitCode(for: error)
        var text = Wirestate.fullMessage(for: error)
        guard code == .success else {
            // What it quotes of an argument, which may be a file's name from `*`.
            for argument in arguments where argument != argument.visible {
                text = text.split(separator: argument, omittingEmptySubsequences: false)
                    .joined(separator: argument.visible)
            }
            writeAll(text + "\n", to: STDERR_FILENO)
            exit(2)
        }
        write(text)
    }

    private static func write(_ text: String) -> Never {
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

extension CommandFailure {
    /// An output that cannot be written.
    init(_ path: String, _ error: OutputError) {
        self.init(lines: ["\(path): \(error.reason)"])
    }
}

/// Writes lines to standard error, each behind the command's name: one line each, whatever the names in it.
func complain(_ lines: [String]) {
    for line in lines { writeAll("wirestate: \(line.visible)\n", to: STDERR_FILENO) }
}
