internal import Glibc
public import Wire

/// Tells systemd that the service is ready, and that it is alive, as sd_notify(3) does: a datagram to the socket that
/// `NOTIFY_SOCKET` names. Does nothing where no manager listens.
public struct ServiceManager {
    private let descriptor: Int32?
    /// The time between two signs of life; nil where none are asked for.
    private let pause: TimeSpan?
    private var next = Timestamp(nanoseconds: .max)

    /// Opens the socket that the environment names: to be made before rights are given up.
    ///
    /// - Parameter environment: the value of an environment variable.
    public init(environment: (String) -> String? = ServiceManager.variable) {
        descriptor = environment("NOTIFY_SOCKET").flatMap { ServiceManager.connect($0) }
        // Of another process, whose environment this one has got.
        let isMine = environment("WATCHDOG_PID").map { $0 == String(getpid()) } ?? true
        let microseconds = environment("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        pause =
            isMine && microseconds > 0
            ? TimeSpan(nanoseconds: 1000) * microseconds / 3 : nil
    }

    /// The service does its work from now on.
    public mutating func noteReady(_ now: Timestamp) {
        send("READY=1")
        if pause != nil { next = now }
    }

    /// The service is alive, which is said when it is due.
    public mutating func noteAlive(_ now: Timestamp) {
        guard now >= next, let pause else { return }
        next = now + pause
        send("WATCHDOG=1")
    }

    /// The service ends.
    public func noteStopping() { send("STOPPING=1") }

    private func send(_ text: String) {
        guard let descriptor else { return }
        let bytes = Array(text.utf8)
        // A manager that does not listen is no reason to wait.
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(
                descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        }
    }

    /// A variable of this process's environment.
    public static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// `@` stands for the zero octet of an abstract name; see unix(7).
    private static func connect(_ path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room, bytes.first == 0x2f || bytes.first == 0x40 else { return nil }
        if bytes.first == 0x40 { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (path.first == "/" ? 1 : 0)
        let result = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(length))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
