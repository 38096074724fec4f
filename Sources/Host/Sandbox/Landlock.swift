internal import CLinux
internal import Glibc
internal import POSIX

/// Which files a process may change from now on. See landlock(7); Linux 5.13 and later.
enum Landlock {
    /// Rights as the kernel numbers them (include/uapi/linux/landlock.h).
    private struct Rights: OptionSet {
        let rawValue: UInt64
        static let execute = Rights(rawValue: 1 << 0)
        static let writeFile = Rights(rawValue: 1 << 1)
        static let removeFile = Rights(rawValue: 1 << 5)
        static let makeRegular = Rights(rawValue: 1 << 8)
        /// To remove folders; to make folders, devices, sockets, pipes and links.
        static let others = Rights(rawValue: 0b1_1110_1101_0000)
        /// From version 2 on.
        static let refer = Rights(rawValue: 1 << 13)
        /// From version 3 on.
        static let truncate = Rights(rawValue: 1 << 14)
    }

    /// The kernel's version of it; negative where it has none.
    static var version: Int32 { landlock_create(nil, 0, LANDLOCK_CREATE_RULESET_VERSION) }

    /// Lets this thread, and what it begins, change nothing but the files of these paths, and files beside
    /// them: to open one anew, to begin the next one, to replace one. What is open stays open.
    ///
    /// Returns false where the kernel has no Landlock.
    static func restrict(to paths: [String]) throws(HostError) -> Bool {
        let version = version
        guard version > 0 else { return false }
        var handled: Rights = [.execute, .writeFile, .removeFile, .makeRegular, .others]
        if version >= 2 { handled.insert(.refer) }
        if version >= 3 { handled.insert(.truncate) }
        var attributes = landlock_ruleset_attr()
        attributes.handled_access_fs = handled.rawValue
        // The part of the structure that every version has.
        let rules = unsafe landlock_create(&attributes, MemoryLayout<UInt64>.size, 0)
        guard rules >= 0 else { throw HostError("landlock_create_ruleset") }
        defer { close(rules) }
        for path in paths where !OutputFile.isInherited(path) {
            if isDevice(path) {
                try allow([.writeFile], on: path, rules)
            } else {
                let rights: Rights = [.writeFile, .removeFile, .makeRegular, .truncate]
                try allow(rights.intersection(handled), on: parentFolder(of: path), rules)
            }
        }
        guard landlock_restrict(rules) == 0 else { throw HostError("landlock_restrict_self") }
        return true
    }

    /// Whether it is a character device: its folder holds others.
    private static func isDevice(_ path: String) -> Bool {
        var status = stat()
        let result = unsafe withPath(path) { unsafe stat($0, &status) }
        return result == 0 && status.st_mode & S_IFMT == S_IFCHR
    }

    private static func allow(
        _ rights: Rights, on path: String, _ rules: Int32
    ) throws(HostError) {
        let file = unsafe withPath(path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard file >= 0 else { throw HostError(path) }
        defer { close(file) }
        var rule = landlock_path_beneath_attr()
        rule.allowed_access = rights.rawValue
        rule.parent_fd = file
        guard unsafe landlock_allow(rules, &rule) == 0 else { throw HostError("landlock_add_rule") }
    }
}
