internal import CLinux
internal import Glibc
internal import POSIX

/// A user of this host, to run as once everything is open.
public struct User: Hashable, Sendable {
    /// The user's name.
    public let name: String
    let identifier: uid_t
    let group: gid_t

    /// Looks a user up by name; nil if there is none. The corresponding C function is `getpwnam`.
    public init?(name: String) {
        guard let entry = unsafe getpwnam(name) else { return nil }
        self.name = name
        identifier = unsafe entry.pointee.pw_uid
        group = unsafe entry.pointee.pw_gid
    }
}

/// What the process may do.
public enum Privileges {
    /// Whether it runs as root.
    public static var isRoot: Bool { geteuid() == 0 }

    /// Becomes the user, if it runs as root, and gives up every right but `kept`, as far as it has
    /// them, for good: no program that it may run gets more (`PR_SET_NO_NEW_PRIVS`, prctl(2)).
    public static func drop(to user: User, keeping kept: Capabilities) throws(HostError) {
        let rights = kept.intersection(.permitted)
        if isRoot {
            // The change of user would take the rights away.
            try control(PR_SET_KEEPCAPS, 1)
            guard setgroups(0, nil) == 0 else { throw HostError("setgroups") }
            // Root's are the real, the effective and the saved ones at once.
            guard setgid(user.group) == 0 else { throw HostError("setgid") }
            guard setuid(user.identifier) == 0 else { throw HostError("setuid") }
        }
        try rights.keepOnly()
        try control(PR_SET_NO_NEW_PRIVS, 1)
    }

    /// Whether files can be made in the folder of a path. The corresponding C function is `access`.
    public static func canMakeFiles(beside path: String) -> Bool {
        unsafe withPath(parentFolder(of: path)) { unsafe access($0, W_OK | X_OK) } == 0
    }

    private static func control(_ option: Int32, _ value: UInt) throws(HostError) {
        guard process_control(option, value, 0, 0, 0) == 0 else { throw HostError("prctl") }
    }
}
