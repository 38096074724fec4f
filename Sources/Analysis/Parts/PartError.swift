public import Capture
import POSIX

/// Why a capture cannot be split, or parts cannot be merged: one line, `what: why: what to do`.
public enum PartError: Error, CustomStringConvertible, Sendable {
    /// A file could not be opened, read or written.
    case file(String, reason: String)
    /// A file is no part, manifest or shard of this version, or it is damaged.
    case damaged(String, reason: String)
    /// What is to be joined does not fit together.
    case mismatch(String, reason: String)
    /// A shard could not be opened.
    case capture(CaptureError)

    /// The line.
    public var description: String {
        switch self {
        case .file(let path, let reason), .damaged(let path, let reason),
            .mismatch(let path, let reason):
            "\(path): \(reason)"
        case .capture(let error): "\(error)"
        }
    }
}

extension PartError {
    /// A shard cannot be read, or is not as it was written: unlike a capture, it has to be whole.
    init(shard path: String, _ error: CaptureError) {
        switch error {
        case .file(_, _, _, .cannotOpen), .file(_, _, _, .directory): self = .capture(error)
        case .file(_, _, _, .cannotRead(let code)): self.init(path, SystemError(code: code))
        default: self = .damagedShard(path)
        }
    }

    /// A shard is not as it was written.
    static func damagedShard(_ path: String) -> PartError {
        .damaged(path, reason: "damaged: split the captures again")
    }

    /// A system call on a file failed.
    init(_ path: String, _ error: SystemError) { self = .file(path, reason: error.reason) }

    /// An output cannot be written.
    init(_ path: String, _ error: OutputError) { self = .file(path, reason: error.reason) }
}
