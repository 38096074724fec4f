import Diagnosis
import Glibc
import Reports

/// How much a line matters, as syslog(3) has it.
enum SyslogLevel: Int {
    case critical = 2
    case warning = 4
    case notice = 5
    case information = 6

    /// The level of a finding.
    init(_ severity: Severity) {
        switch severity {
        case .critical: self = .critical
        case .warning: self = .warning
        case .notice: self = .notice
        case .benign: self = .information
        }
    }
}

/// A log whose lines begin with their level, as sd-daemon(3) says, where the journal reads them.
struct LeveledLog: Sink {
    private let log: EventLog
    private let prefix: String?
    private var isAtStart = true

    init(_ log: EventLog, _ level: SyslogLevel, isForJournal: Bool) {
        self.log = log
        prefix = isForJournal ? "<\(level.rawValue)>" : nil
    }

    mutating func write(_ text: String) {
        guard let prefix else { return log.write(text) }
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: "\n").map { rest.index(after: $0) } ?? rest.endIndex
            log.write((isAtStart ? prefix : "") + rest[..<end])
            isAtStart = rest[..<end].last == "\n"
            rest = rest[end...]
        }
    }

    /// Whether the journal is what a descriptor leads to: `JOURNAL_STREAM` has its device and inode; see systemd.exec(5).
    static func isJournal(_ descriptor: Int32) -> Bool {
        guard let variable = unsafe getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return unsafe String(cString: variable) == "\(status.st_dev):\(status.st_ino)"
    }
}
