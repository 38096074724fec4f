import Foundation
import Host
import Testing
import Wire

@Suite struct ServiceManagerTests {
    /// Runs `body` with a socket in the manager's place, and returns what came; see sd_notify(3).
    private func messages(_ body: (inout ServiceManager) -> Void) throws -> [String] {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("notify-\(UUID().uuidString.prefix(8))").path
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer {
            close(descriptor)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        let environment = ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"]
        var manager = ServiceManager { environment[$0] }
        body(&manager)
        var found: [String] = []
        var chunk = [UInt8](repeating: 0, count: 100)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return found }
            found.append(String(decoding: chunk[..<count], as: UTF8.self))
        }
    }

    @Test func `the manager is told of the beginning, of life as often as it asks, and of the end`()
        throws
    {
        let start = Timestamp(nanoseconds: 1_000_000_000_000)
        let found = try messages { manager in
            manager.noteAlive(start)
            manager.noteReady(start)
            manager.noteAlive(start)
            manager.noteAlive(start + .milliseconds(999))
            manager.noteAlive(start + .seconds(1))
            manager.noteStopping()
        }
        #expect(found == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"])
    }

    @Test func `nothing happens where there is no manager`() {
        var manager = ServiceManager { _ in nil }
        manager.noteReady(Timestamp(nanoseconds: 0))
        manager.noteAlive(Timestamp(nanoseconds: 0))
    }
}
