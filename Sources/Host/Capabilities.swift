internal import CLinux

/// Rights that a process can have without being root. See capabilities(7).
public struct Capabilities: OptionSet, Hashable, Sendable {
    /// One bit per right, numbered as in linux/capability.h.
    public let rawValue: UInt64

    /// Wraps the bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// To capture packets.
    public static let rawNetwork = Capabilities(rawValue: 1 << UInt64(CAP_NET_RAW))
    /// To read what file permissions forbid.
    public static let readAnything = Capabilities(rawValue: 1 << UInt64(CAP_DAC_READ_SEARCH))
    /// To look at the processes of other users.
    public static let lookAtProcesses = Capabilities(rawValue: 1 << UInt64(CAP_SYS_PTRACE))

    /// What the process may do now, or allow itself. The corresponding C function is `capget`.
    static var permitted: Capabilities {
        var header = Capabilities.header
        var data = Capabilities.none
        let status = unsafe data.withUnsafeMutableBufferPointer {
            unsafe capget(&header, $0.baseAddress)
        }
        guard status == 0 else { return [] }
        return Capabilities(rawValue: UInt64(data[0].permitted) | UInt64(data[1].permitted) << 32)
    }

    /// Gives up all others, for good. The corresponding C function is `capset`.
    func keepOnly() throws(HostError) {
        var header = Capabilities.header
        var data = Capabilities.none
        data[0].permitted = UInt32(truncatingIfNeeded: rawValue)
        data[0].effective = data[0].permitted
        data[1].permitted = UInt32(truncatingIfNeeded: rawValue >> 32)
        data[1].effective = data[1].permitted
        let status = unsafe data.withUnsafeMutableBufferPointer {
            unsafe capset(&header, $0.baseAddress)
        }
        guard status == 0 else { throw HostError("capset") }
    }

    private static var header: __user_cap_header_struct {
        __user_cap_header_struct(version: UInt32(_LINUX_CAPABILITY_VERSION_3), pid: 0)
    }

    /// Capabilities are numbered to 63, and come in two words.
    private static var none: [__user_cap_data_struct] {
        [__user_cap_data_struct](repeating: __user_cap_data_struct(), count: 2)
    }
}
