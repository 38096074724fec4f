internal import POSIX

/// A system call that failed, and why.
public struct HostError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name.
    public let call: String
    /// The value of `errno`.
    public let code: Int32

    /// Takes down the call that failed last.
    init(_ call: String) {
        self.call = call
        code = SystemError.last.code
    }

    /// A call that returns the error's number itself.
    init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The system's text for the error.
    public var reason: String { SystemError(code: code).reason }

    /// Call and reason.
    public var description: String { "\(call): \(reason)" }
}
