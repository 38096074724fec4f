internal import CLinux
internal import Glibc
internal import TCPState
internal import Wire

/// Asks the kernel for its TCP sockets with their timers and ages, as ss(8) does. See sock_diag(7).
public final class SocketDump {
    private let descriptor: Int32

    /// Opens the way to the kernel; nil where there is none: `/proc/net/tcp` has the states still.
    public init?() {
        descriptor = socket(
            AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 4
        )
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// The sockets of the network namespace in which this was made; nil where the kernel does not tell.
    public func sockets() -> [KernelSocket]? {
        var all: [KernelSocket] = []
        for family in [AF_INET, AF_INET6] {
            guard ask(family), receive(&all) else { return nil }
        }
        return all
    }

    /// Sends a request. Linux, include/uapi/linux/inet_diag.h: `struct inet_diag_req_v2`.
    private func ask(_ family: Int32) -> Bool {
        // Length, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP; sequence number and sender are 0.
        var message: [UInt8] = []
        for word in [72, 20 | 0x301 << 16, 0, 0] as [UInt32] {
            unsafe withUnsafeBytes(of: word) { unsafe message.append(contentsOf: $0) }
        }
        // Family, protocol, wanted: INET_DIAG_INFO; all states; any ends.
        message += [UInt8(truncatingIfNeeded: family), UInt8(IPPROTO_TCP), 1 << 1, 0]
        message += [UInt8](repeating: 0xff, count: 4) + [UInt8](repeating: 0, count: 48)
        return unsafe message.withUnsafeBytes {
            unsafe send(descriptor, $0.baseAddress, $0.count, 0)
        } == message.count
    }

    /// Takes the answers to a request. Returns whether they are complete.
    private func receive(_ sockets: inout [KernelSocket]) -> Bool {
        var room = [UInt8](repeating: 0, count: 1 << 17)
        while true {
            guard wait(on: [descriptor], milliseconds: 200) else { return false }
            let count = unsafe room.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            guard count > 0 else { return false }
            var position = 0
            while position + 16 <= count {
                let length = Int(room.number(at: position) as UInt32)
                guard length >= 16, position + length <= count else { return false }
                switch room.number(at: position + 4) as UInt16 {
                // NLMSG_DONE, NLMSG_ERROR
                case 3: return true
                case 2: return false
                default:
                    if let socket = KernelSocket(room[(position + 16)..<(position + length)]) {
                        sockets.append(socket)
                    }
                }
                position += (length + 3) & ~3
            }
        }
    }
}

extension KernelSocket {
    /// `struct inet_diag_msg` and its attributes.
    fileprivate init?(_ message: ArraySlice<UInt8>) {
        let bytes = Array(message)
        guard bytes.count >= 72, let state = KernelSocket.states[bytes[1]] else { return nil }
        func address(_ position: Int) -> Address {
            let words = (0..<4).map { UInt32(bigEndian: bytes.number(at: position + 4 * $0)) }
            if Int32(bytes[0]) == AF_INET { return Address(ipv4: words[0]) }
            return Address(
                high: UInt64(words[0]) << 32 | UInt64(words[1]),
                low: UInt64(words[2]) << 32 | UInt64(words[3]))
        }
        var times = Times()
        let expires = TimeSpan.milliseconds(Int64(bytes.number(at: 52) as UInt32))
        switch bytes[2] {
        case 1: (times.retransmissions, times.retransmissionLeft) = (bytes[3], expires)
        case 3: times.waitLeft = expires
        default: break
        }
        var position = 72
        while position + 4 <= bytes.count {
            let length = Int(bytes.number(at: position) as UInt16)
            guard length >= 4, position + length <= bytes.count else { break }
            // INET_DIAG_INFO: `struct tcp_info`, milliseconds.
            if bytes.number(at: position + 2) as UInt16 == 2, length >= 4 + 60 {
                func age(_ offset: Int) -> TimeSpan {
                    .milliseconds(Int64(bytes.number(at: position + 4 + offset) as UInt32))
                }
                times.sinceDataSent = age(44)
                times.sinceDataReceived = age(52)
                times.sinceACKReceived = age(56)
            }
            position += (length + 3) & ~3
        }
        self.init(
            local: address(8), localPort: UInt16(bigEndian: bytes.number(at: 4)),
            remote: address(24), remotePort: UInt16(bigEndian: bytes.number(at: 6)), state: state,
            sendQueue: bytes.number(at: 60), receiveQueue: bytes.number(at: 56),
            inode: UInt64(bytes.number(at: 68) as UInt32), times: times)
    }
}

extension Array where Element == UInt8 {
    /// A number in this host's byte order.
    fileprivate func number<Number: FixedWidthInteger>(at position: Int) -> Number {
        precondition(position >= 0 && position + MemoryLayout<Number>.size <= count)
        return unsafe withUnsafeBytes {
            unsafe $0.loadUnaligned(fromByteOffset: position, as: Number.self)
        }
    }
}
