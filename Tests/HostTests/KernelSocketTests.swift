import Glibc
import TCPState
import Testing
import Wire

@testable import Host

struct KernelSocketTests {
    /// Lines as Linux prints them: proc(5), `/proc/net/tcp`; on a little-endian machine.
    private static let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1
           1: 0100007F:1F90 0100007F:D431 08 00000000:00000001 00:00000000 00000000  1000        0 4711 1
           2: 0200000A:01BB 0100000A:8000 06 00000000:00000000 03:00001234 00000000     0        0 0 3
          junk
        """

    @Test(.enabled(if: 1.littleEndian == 1)) func `A line of the table is a socket`() throws {
        let sockets = KernelSocket.sockets(in: Self.table)
        #expect(sockets.map(\.state) == [.listen, .closeWait, .timeWait])
        let leak = try #require(sockets.dropFirst().first)
        #expect(leak.local == Address("127.0.0.1"))
        #expect(leak.localPort == 8080)
        #expect(leak.remotePort == 54321)
        #expect(leak.receiveQueue == 1)
        #expect(leak.inode == 4711)
        #expect(sockets.last?.local == Address("10.0.0.2"))
    }

    @Test func `The kernel's table has this process's own socket, and its process is found`() throws
    {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        try #require(listen(listener, 1) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(listener, $0, &length)
            }
        }
        try #require(status == 0)
        let port = UInt16(bigEndian: address.sin_port)
        let found = try KernelSocket.all().first { $0.localPort == port && $0.state == .listen }
        let own = try #require(found)
        #expect(Process.bySocket()[own.inode]?.identifier == getpid())
    }

    /// tcp(7), `struct tcp_info`: an age is in milliseconds since the last segment of a kind.
    @Test
    func `The kernel tells the ages of a socket by netlink, and the same state as by its table`()
        throws
    {
        let dump = try #require(SocketDump())
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        try #require(listen(listener, 1) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Closed once, below: its number may be another test's by the end.
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isConnected = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                getsockname(listener, pointer, &length) == 0
            }
        }
        try #require(isConnected)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, length) }
        }
        try #require(status == 0)
        let server = accept(listener, nil, nil)
        close(client)
        usleep(300_000)
        let port = UInt16(bigEndian: address.sin_port)
        let sockets = try #require(dump.sockets()).filter { $0.localPort == port }
        #expect(sockets.contains { $0.state == .listen })
        let leak = try #require(sockets.first { $0.state == .closeWait })
        let silence = try #require(leak.times.sinceACKReceived)
        #expect((250_000_000...3_000_000_000).contains(silence))
        let peer = try #require(dump.sockets()).first {
            $0.remotePort == port && $0.localPort == leak.remotePort
        }
        // The client's end is an orphan: its kernel gives it up after tcp_fin_timeout.
        #expect(peer?.state == .finWait2)
        #expect(peer?.times.waitLeft ?? 0 > 0)
        let table = try KernelSocket.all().first {
            $0.localPort == port && $0.remotePort == leak.remotePort
        }
        #expect(table?.state == .closeWait)
        #expect(table?.inode == leak.inode)
        close(server)
    }
}
