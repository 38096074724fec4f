import Diagnosis
import Glibc
import Host
import POSIX
import Synchronization

/// The files of a capture that is being written, `trace.pcap` or `trace-00001.pcap` and so on, as its writer's
/// thread has them. None takes the place of another: the numbers go on where those of earlier runs ended.
///
/// After trouble, what is not whole is cut off the file's end, and writing is tried again with what comes next.
final class CaptureSeries: Sendable {
    /// What the one who captures has to know.
    struct Status {
        /// Frames that could not be written.
        var lostFrames: UInt64 = 0
        /// The file that is written.
        var current = ""
        /// What is to be said.
        var messages: [String] = []
    }

    /// What only one thread touches at a time.
    private struct Files {
        var file: HeldFile?
        /// Bytes of the file that are whole.
        var size = 0
        var number: Int
        /// The files of all runs, the oldest first.
        var names: [String]
        var isFailing = false
    }

    private let name: CaptureFileName
    private let keep: Int?
    private let header: [UInt8]
    private let owner: User?
    private let files: Mutex<Files>
    private let state = Mutex(Status())

    /// Begins the first file.
    ///
    /// - Parameters:
    ///   - header: what every file begins with.
    ///   - keep: how many files are kept; nil for all.
    ///   - owner: to whom the first file is given; the process may become it later.
    init(
        _ name: CaptureFileName, keep: Int?, header: [UInt8], owner: User?
    ) throws(OutputError) {
        self.name = name
        self.keep = keep
        self.header = header
        self.owner = owner
        let known = name.existing()
        files = Mutex(Files(number: known.last ?? 0, names: known.map { name.text($0) }))
        try begin()
    }

    /// What has become of it.
    var status: Status { state.withLock { $0 } }

    /// What is to be said since the last call.
    func takeMessages() -> [String] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// Counts frames that never got here.
    func noteLost(_ frames: UInt64) { state.withLock { $0.lostFrames += frames } }

    /// Appends whole records.
    func write(_ records: [UInt8], frames: UInt64) {
        let failure = files.withLock { files -> SystemError? in
            guard let file = files.file else { return .badDescriptor }
            let failure = append(records, to: file, &files)
            if failure == nil { files.size += records.count }
            return failure
        }
        if failure != nil { noteLost(frames) }
        say(failure)
    }

    /// Goes on in the next file. Where there can be none, the old one goes on.
    func next() {
        do { try begin() } catch {
            let current = status.current
            state.withLock {
                $0.messages.append(
                    "\(current): still in use, because the next file cannot be created: \(error.reason)"
                )
            }
        }
    }

    /// Makes the next file that is not there yet.
    private func begin() throws(OutputError) {
        let result = files.withLock { files -> Result<String, OutputError> in
            var number = name.isNumbered ? files.number + 1 : 0
            while true {
                let path = name.text(number)
                do throws(OutputError) {
                    let file = try name.opens(path, owner: owner)
                    files.file?.close()
                    (files.file, files.size) = (file, 0)
                    files.number = max(files.number, number)
                    if name.isNumbered { files.names.append(path) }
                    files.isFailing = append([], to: file, &files) != nil
                    prune(&files)
                    return .success(path)
                } catch {
                    guard error.code == EEXIST else { return .failure(error) }
                    // That of an earlier run, or another program's: it stays as it is.
                    files.number = max(files.number, number)
                    number = files.number + 1
                }
            }
        }
        let path = try result.get()
        state.withLock { state in
            state.current = path
            if !name.isNumbered, path != name.path {
                state.messages.append("\(name.path): already exists: packets go to \(path)")
            }
        }
    }

    /// Appends to the file, its header first. What could be written in part only is cut off again.
    private func append(
        _ bytes: [UInt8], to file: HeldFile, _ files: inout Files
    ) -> SystemError? {
        do throws(SystemError) {
            if files.size == 0 {
                try POSIX.write(all: header, to: file.descriptor)
                files.size = header.count
            }
            try POSIX.write(all: bytes, to: file.descriptor)
            return nil
        } catch {
            _ = ftruncate(file.descriptor, off_t(files.size))
            return error
        }
    }

    private func prune(_ files: inout Files) {
        while let keep, files.names.count > keep {
            _ = unsafe unlink(files.names.removeFirst())
        }
    }

    private func say(_ failure: SystemError?) {
        let isNew = files.withLock { files in
            defer { files.isFailing = failure != nil }
            return files.isFailing != (failure != nil)
        }
        guard isNew else { return }
        state.withLock { state in
            let what =
                failure.map { "\($0.reason): frames are lost until writing works again" }
                ?? "writing works again; \(Count(state.lostFrames).of("frame")) lost so far"
            state.messages.append("\(state.current): \(what)")
        }
    }
}
