internal import Glibc
internal import POSIX
public import TCPState
public import Wire

/// A TCP socket as the kernel's own table has it. See proc(5), `/proc/net/tcp`.
public struct KernelSocket: Hashable, Sendable {
    /// Its own address.
    public let local: Address
    /// Its own port.
    public let localPort: UInt16
    /// Its peer's address.
    public let remote: Address
    /// Its peer's port.
    public let remotePort: UInt16
    /// Its state.
    public let state: State
    /// Bytes that it sent and that are not acknowledged.
    public let sendQueue: UInt32
    /// Bytes that its program has not read yet.
    public let receiveQueue: UInt32
    /// The number of its inode, by which processes hold it; 0 for one that no process holds.
    public let inode: UInt64
    /// What the kernel says of its timers and ages; empty where it was not asked: see ``SocketDump``.
    public let times: Times

    /// Timers and ages; nil where the kernel has none.
    public struct Times: Hashable, Sendable {
        /// Until TIME_WAIT, or FIN_WAIT2 without a process, is over.
        public var waitLeft: TimeSpan?
        /// Until the next retransmission of a SYN, SYN,ACK, FIN or data; and how many there were.
        public var retransmissionLeft: TimeSpan?
        /// How often it was retransmitted so far.
        public var retransmissions: UInt8 = 0
        /// Since it last sent data (`tcpi_last_data_sent`).
        public var sinceDataSent: TimeSpan?
        /// Since data last came (`tcpi_last_data_recv`).
        public var sinceDataReceived: TimeSpan?
        /// Since an acknowledgment last came (`tcpi_last_ack_recv`): that of a FIN, too.
        public var sinceACKReceived: TimeSpan?

        /// None.
        public init() {}
    }

    init(
        local: Address, localPort: UInt16, remote: Address, remotePort: UInt16, state: State,
        sendQueue: UInt32, receiveQueue: UInt32, inode: UInt64, times: Times
    ) {
        (self.local, self.localPort) = (local, localPort)
        (self.remote, self.remotePort) = (remote, remotePort)
        self.state = state
        (self.sendQueue, self.receiveQueue) = (sendQueue, receiveQueue)
        self.inode = inode
        self.times = times
    }

    /// The sockets of this network namespace, IPv4 and IPv6; a listening one has no peer.
    ///
    /// - Throws: ``HostError`` where the tables cannot be read.
    public static func all() throws(HostError) -> [KernelSocket] {
        let old = sockets(in: try readFile("/proc/self/net/tcp"))
        do { return old + sockets(in: try readFile("/proc/self/net/tcp6")) } catch {
            // A kernel without IPv6 has one table.
            if error.code == ENOENT { return old }
            throw error
        }
    }

    /// The sockets in the text of a table; lines that are none are left out.
    static func sockets(in table: String) -> [KernelSocket] {
        table.split(separator: "\n").dropFirst().compactMap { KernelSocket(line: $0) }
    }

    /// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`
    private init?(line: Substring) {
        let words = line.split(separator: " ")
        guard words.count >= 10, let near = KernelSocket.end(words[1]),
            let far = KernelSocket.end(words[2]), let code = UInt8(words[3], radix: 16),
            let state = KernelSocket.states[code]
        else { return nil }
        let queues = words[4].split(separator: ":").compactMap { UInt32($0, radix: 16) }
        guard queues.count == 2, let inode = UInt64(words[9]) else { return nil }
        (local, localPort) = near
        (remote, remotePort) = far
        self.state = state
        self.inode = inode
        sendQueue = queues[0]
        receiveQueue = queues[1]
        times = Times()
    }

    /// An address and port: the address in words of the host's byte order, the port as a number.
    private static func end(_ text: Substring) -> (Address, UInt16)? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
        let digits = Array(parts[0])
        guard digits.count == 8 || digits.count == 32 else { return nil }
        var words: [UInt32] = []
        for start in stride(from: 0, to: digits.count, by: 8) {
            guard let word = UInt32(String(digits[start..<(start + 8)]), radix: 16) else {
                return nil
            }
            words.append(UInt32(bigEndian: word))
        }
        if words.count == 1 { return (Address(ipv4: words[0]), port) }
        let high = UInt64(words[0]) << 32 | UInt64(words[1])
        return (Address(high: high, low: UInt64(words[2]) << 32 | UInt64(words[3])), port)
    }

    /// Linux, include/net/tcp_states.h. NEW_SYN_RECV (12) is shown as SYN_RECV.
    static let states: [UInt8: State] = [
        1: .established, 2: .synSent, 3: .synReceived, 4: .finWait1, 5: .finWait2, 6: .timeWait,
        7: .closed, 8: .closeWait, 9: .lastAck, 10: .listen, 11: .closing, 12: .synReceived,
    ]
}

/// Reads a file of /proc, which has no size.
func readFile(_ path: String) throws(HostError) -> String {
    do throws(SystemError) {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let chunk = try POSIX.read(from: descriptor, atMost: 1 << 16)
            if chunk.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk
        }
    } catch {
        throw HostError(path, code: error.code)
    }
}
