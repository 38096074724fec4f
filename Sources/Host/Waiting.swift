internal import CLinux
internal import Glibc
public import Wire

/// Waits until one of the descriptors has something to read, or a signal or the time comes. The
/// corresponding C function is `poll`.
///
/// - Parameter milliseconds: how long at most.
/// - Returns: whether any has.
@discardableResult
public func wait(on descriptors: [Int32], milliseconds: Int32) -> Bool {
    var list = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let count = nfds_t(list.count)
    return unsafe list.withUnsafeMutableBufferPointer {
        unsafe poll($0.baseAddress, count, milliseconds)
    } > 0
}

extension Timestamp {
    /// The time of this host's clock, by which the kernel stamps packets.
    public static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
