import Analysis
import ArgumentParser
import Arguments
import Capture
import Documents
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
            if let topic = HelpTopic(arguments: arguments) {
                let output = Output()
                topic.write(TextOptions.plain, to: output)
                return try output.end()
            }
            var command = try Wirestate.parseAsRoot(arguments)
            try command.run()
        } catch is CheckFailed {
            exit(1)
        } catch let error as RunFailure {
            complain(error.lines)
            exit(error.cause == .request ? 2 : 3)
        } catch let error as CaptureError {
            complain(["\(error)"])
            if case .filter = error { exit(2) }
            exit(3)
        } catch {
            end(error)
        }
    }

    /// The command's arguments, which may be any bytes.
    private static var arguments: [String] {
        let arguments = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            unsafe CommandLine.unsafeArgv[index].map { unsafe PathText.text(cString: $0) }
        }
        return FilterWords.joined(in: arguments)
    }

    /// Help and versions are results; a usage error is not.
    private static func end(_ error: any Error) -> Never {
        let code = Wirestate.exitCode(for: error)
        let text = Wirestate.fullMessage(for: error)
        guard code == .success else {
            writeToStandardError(text.showing(arguments) + "\n")
            exit(2)
        }
        write(text)
    }

    private static func write(_ text: String) -> Never {
        let output = Output()
        output.write(text + "\n")
        output.finish()
        exit(output.hasFailed ? 3 : 0)
    }
}

/// A check that found what must not be, or not what must: exit code 1.
struct CheckFailed: Error {}
