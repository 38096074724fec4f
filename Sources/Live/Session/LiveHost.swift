import Glibc
import Host
import Wire

/// What a run asks its host for: the time, and to wait. A test has one whose time it sets.
protocol LiveHost: AnyObject {
    /// The time of the clock by which the kernel stamps packets.
    var now: Timestamp { get }

    /// Waits until one of the descriptors has something to read, or the time is over. Returns whether any has.
    @discardableResult
    func wait(on descriptors: [Int32], milliseconds: Int32) -> Bool

    /// Lets some time pass.
    func pause(_ span: TimeSpan)
}

/// The host that the process runs on.
final class SystemHost: LiveHost {
    var now: Timestamp { Timestamp.now }

    func wait(on descriptors: [Int32], milliseconds: Int32) -> Bool {
        Host.wait(on: descriptors, milliseconds: milliseconds)
    }

    func pause(_ span: TimeSpan) { usleep(UInt32(clamping: span.nanoseconds / 1_000)) }
}
