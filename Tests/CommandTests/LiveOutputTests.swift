import Foundation
import Testing

/// Where a live run can write to.
@Suite(
    .serialized,
    .enabled(if: LiveRun.isPossible, "skipped: live captures: they need root"))
struct LiveOutputTests {
    @Test(arguments: ["-", "/dev/stdout"])
    func `Packets on standard output are a capture, and the lines are elsewhere`(
        _ path: String
    ) throws {
        let run = try LiveRun(["-i", "lo", "--json", "-w", path])
        let connection = try Loopback()
        connection.talk()
        try run.wait("the lines") { run.errors.contains("ESTABLISHED") }
        for end in [connection.client, connection.server] { close(end) }
        Thread.sleep(forTimeInterval: 0.5)
        #expect(run.end() == 0)
        let outcome = try Tool.run(
            "connections", "--json", run.folder.appendingPathComponent("output").path)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("\"sport\":\(connection.clientPort),"))
    }

    @Test func `Lines go to standard output by name, and to a pipe of the shell`() throws {
        let run = try LiveRun(["-i", "lo", "--json", "-o", "/dev/stdout"])
        let connection = try Loopback()
        defer { for end in [connection.client, connection.server] { close(end) } }
        try run.wait("the lines") { run.output.contains("ESTABLISHED") }
        // There is nothing to open anew.
        run.signal(SIGHUP)
        connection.talk()
        Thread.sleep(forTimeInterval: 0.5)
        #expect(run.end() == 0)
        let piped = try Tool.bash(
            """
            timeout -s INT 2 $WIRESTATE live -i lo --json -o >(cat >&2) > /dev/null; sleep 0.3
            """)
        #expect(piped.errors.contains("\"capture\""))
    }
}
