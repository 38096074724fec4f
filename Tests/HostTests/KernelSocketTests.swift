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
}
