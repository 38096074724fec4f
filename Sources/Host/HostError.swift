internal import CLinux
internal import Glibc

/// A system call that failed, and why.
public struct HostError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name.
    public let call: String
    /// The value of `errno`.
    public let code: Int32

    /// Takes down the call that failed last.
    init(_ call: String) {
        self.call = call
        code = errno
    }

    /// A call that returns the error's number itself.
    init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The system's text for the error. The corresponding C function is `strerror`.
    public var reason: String { unsafe String(cString: strerror(code)) }

    /// Call and reason.
    public var description: String { "\(call): \(reason)" }
}
