internal import Diagnosis
internal import Host
internal import POSIX
public import Reports
public import TCPState

/// The lines that live runs have written, read from files.
public struct EventFiles {
    /// What the lines say.
    public private(set) var summary: EventSummary
    /// What was wrong with the files.
    public private(set) var problems: [String] = []

    /// The longest line that is read, in bytes.
    private static let lineLimit = 1 << 16

    /// Reads files; `-` is standard input.
    ///
    /// - Parameter spelling: how states are spelled in the lines.
    public init(_ paths: [String], spelling: StateSpelling) {
        summary = EventSummary(spelling: spelling)
        for path in paths {
            do throws(SystemError) {
                var lines = try LineReader(path: path, limit: EventFiles.lineLimit)
                while let line = lines.next() { summary.read(line) }
            } catch {
                problems.append("\(path): \(error.reason)")
            }
        }
        if summary.damaged > 0 {
            problems.append(
                "\(Count(summary.damaged)) of \(Count(summary.lines).of("line")) ignored: not an event"
            )
        }
    }
}
