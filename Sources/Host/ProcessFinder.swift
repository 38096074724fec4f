internal import CLinux
internal import Glibc

/// Names the processes that hold sockets, by a process of its own: looking at other users' processes
/// takes rights that a program that reads packets should not have.
public final class ProcessFinder {
    private let requests: Int32
    private let answers: Int32
    /// The answer so far.
    private var text: [UInt8] = []
    private var isAsked = false

    /// Begins the process, which becomes `user` and keeps no right but to look. To be made before any
    /// thread is, and before anything is opened that is not to be shared. It ends with this one.
    public init(user: User?) throws(HostError) {
        var down: [Int32] = [-1, -1]
        var up: [Int32] = [-1, -1]
        guard unsafe pipe(&down) == 0, unsafe pipe(&up) == 0 else {
            throw HostError("pipe")
        }
        let child = fork_process()
        guard child >= 0 else { throw HostError("fork") }
        if child == 0 {
            close(down[1])
            close(up[0])
            if let user {
                let kept: Capabilities = [.lookAtProcesses, .readAnything]
                guard (try? Privileges.drop(to: user, keeping: kept)) != nil else { _exit(1) }
            }
            // Where the kernel does not filter calls, it has its few rights alone.
            try? Sandbox.enterProcessFinder()
            ProcessFinder.serve(down[0], up[1])
            _exit(0)
        }
        close(down[0])
        close(up[1])
        requests = down[1]
        answers = up[0]
        _ = fcntl(answers, F_SETFL, O_RDONLY | O_NONBLOCK)
    }

    deinit {
        close(requests)
        close(answers)
    }

    /// What to wait on for an answer, with poll(2).
    public var descriptor: Int32 { answers }

    /// Asks which processes hold sockets, if no answer is still to come.
    public func ask() {
        guard !isAsked else { return }
        var request: UInt8 = 1
        isAsked = unsafe write(requests, &request, 1) == 1
    }

    /// The processes that hold sockets, by inode, as of a moment after ``ask()``; nil while there is no answer.
    /// Waits for nothing.
    public func answer() -> [UInt64: Process]? {
        guard isAsked else { return nil }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(answers, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return nil }
            text += chunk[..<count]
            // Each process ends with a NUL, which no name contains; an empty one ends the answer.
            if text.suffix(2) == [0, 0] { break }
        }
        defer {
            text = []
            isAsked = false
        }
        var found: [UInt64: Process] = [:]
        for line in text.split(separator: 0) {
            let words = line.split(
                separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false
            ).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 3, let inode = UInt64(words[0]), let number = Int32(words[1])
            else { continue }
            found[inode] = Process(identifier: number, name: words[2])
        }
        return found
    }

    /// Answers until nobody asks any more.
    private static func serve(_ requests: Int32, _ answers: Int32) {
        var request: UInt8 = 0
        while unsafe read(requests, &request, 1) == 1 {
            var text = "\0"
            for (inode, process) in Process.bySocket() {
                text += "\(inode) \(process.identifier) \(process.name)\0"
            }
            let bytes = Array((text + "\0").utf8)
            var done = 0
            while done < bytes.count {
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe write(
                        answers, $0.baseAddress.map { unsafe $0 + done }, bytes.count - done)
                }
                guard count > 0 else { return }
                done += count
            }
        }
    }
}
