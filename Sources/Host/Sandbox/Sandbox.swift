/// What confines a process for good once everything is open: should what strangers send ever make it do
/// something else, the kernel does not let it.
public enum Sandbox {
    /// For a process that captures. It runs no program and begins no process, makes no memory executable,
    /// and writes no files but the outputs and what lies beside them, which can be opened anew.
    /// To be called on the only thread, after ``Privileges/drop(to:keeping:)``.
    ///
    /// - Throws: ``HostError`` where the kernel does not filter system calls. Where it has no Landlock, files
    ///   are confined by their permissions alone.
    public static func enter(outputs: [String]) throws(HostError) {
        _ = try Landlock.restrict(to: outputs)
        try SystemCallFilter.capture.load()
    }

    /// For the process that names the owners of sockets: it reads and answers. No Landlock, under which no
    /// process may look at another (ptrace(2), landlock(7)).
    static func enterProcessFinder() throws(HostError) {
        try SystemCallFilter.processFinder.load()
    }
}
