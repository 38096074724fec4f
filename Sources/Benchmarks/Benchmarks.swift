import Glibc

/// Makes up captures, and reads them as fast as it can be done. `Scripts/bench` measures wirestate
/// beside it.
@main
struct Benchmarks {
    static let usage = """
        usage: Benchmarks generate mix|full|synflood|elephants FILE [--connections N] [--seed N]
               Benchmarks generate flows FILE --connections N --packets N [--seed N]
               Benchmarks noop|pcaphash|mmaphash FILE
        """

    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            let line = Array("Benchmarks: \(error)\n".utf8)
            unsafe write(STDERR_FILENO, line, line.count)
            if case .usage = error { exit(2) }
            exit(3)
        }
    }

    private static func run(_ arguments: [String]) throws(BenchmarkError) {
        let start = ContinuousClock.now
        if arguments.first == "generate" {
            let summary = try Generation(arguments.dropFirst()).run()
            print(summary.text)
        } else if arguments.count == 2, let baseline = Baseline(rawValue: arguments[0]) {
            let walked = try baseline.run(arguments[1])
            print("frames \(walked.frames)")
            if let segments = walked.segments { print("segments \(segments)") }
            if let flows = walked.flows { print("flows \(flows)") }
        } else {
            throw .usage("what shall be measured?")
        }
        print("seconds \((ContinuousClock.now - start) / .seconds(1))")
    }
}
