internal import CLinux
internal import Glibc

/// Signals as something to wait for beside other descriptors, for as long as the process lives. See
/// signalfd(2).
public struct SignalQueue: Sendable {
    /// What to wait on, with poll(2).
    public let descriptor: Int32

    /// Takes the signals away from their handlers. To be made before any thread is.
    public init(_ signals: [Int32]) throws(HostError) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        guard unsafe pthread_sigmask(SIG_BLOCK, &set, nil) == 0 else {
            throw HostError("pthread_sigmask")
        }
        descriptor = unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw HostError("signalfd") }
    }

    /// The next signal that arrived; nil if none did.
    public func next() -> Int32? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe read(descriptor, &information, size) == size else { return nil }
        return Int32(information.ssi_signo)
    }
}
