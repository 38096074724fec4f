import Foundation
import Testing

/// Live captures on the loopback interface, of this process's own sockets.
@Suite(
    .serialized,
    .enabled(if: LiveRun.isPossible, "skipped: live captures: they need root"))
struct LiveTests {
    /// The events of one connection.
    private static func events(
        _ run: LiveRun, _ connection: Loopback, _ kind: String
    ) throws -> [[String: Any]] {
        try run.events().filter {
            let ends = [$0["client"], $0["server"]].compactMap { $0 as? String }
            return $0["event"] as? String == kind && Set(ends) == connection.ends
        }
    }

    private static func changes(_ run: LiveRun, _ connection: Loopback) throws -> [String] {
        try events(run, connection, "found").compactMap { event in
            guard let end = event["endpoint"], let to = event["to"] else { return nil }
            return "\(end) \(to)"
        }
    }

    @Test func `A close is told in the order of RFC 9293, figure 5`() throws {
        let run = try LiveRun(["-i", "lo", "--json"])
        let connection = try Loopback()
        connection.talk()
        close(connection.client)
        try run.wait("the half-close") {
            try Self.changes(run, connection).contains("server CLOSE_WAIT")
        }
        close(connection.server)
        try run.wait("the end") { try Self.changes(run, connection).contains("server CLOSE") }
        #expect(run.end() == 0)
        let changes = try Self.changes(run, connection)
        #expect(
            changes.filter { $0.hasPrefix("client") } == [
                "client SYN_SENT", "client ESTABLISHED", "client FIN_WAIT1", "client FIN_WAIT2",
                "client TIME_WAIT",
            ])
        #expect(
            changes.filter { $0.hasPrefix("server") } == [
                "server SYN_RECV", "server ESTABLISHED", "server CLOSE_WAIT", "server LAST_ACK",
                "server CLOSE",
            ])
    }

    @Test func `A CLOSE_WAIT leak is named within a second, with the program that owes the close`()
        throws
    {
        let run = try LiveRun(["-i", "lo", "--json", "--threshold", "close-wait=1s"])
        let connection = try Loopback()
        close(connection.client)
        let closed = Date()
        try run.wait("the leak") { try !Self.events(run, connection, "stuck").isEmpty }
        // A second's threshold, a second to say so, and what a busy machine needs.
        #expect(Date().timeIntervalSince(closed) < 3)
        let event = try #require(try Self.events(run, connection, "stuck").first)
        #expect(event["diagnosis"] as? String == "close-wait-leak")
        #expect(event["fault"] as? String == "server")
        let process = try #require(event["process"] as? String)
        #expect(process.hasSuffix("[\(getpid())]"))
        let time = try #require(event["ts"] as? Int)
        let since = try #require(event["since"] as? Int)
        #expect((1_000_000_000...2_000_000_000).contains(time - since))
        close(connection.server)
        try run.wait("its end") { try !Self.events(run, connection, "cleared").isEmpty }
        #expect(try Self.events(run, connection, "stuck").count == 1)
        #expect(run.end(SIGTERM) == 0)
    }

    @Test func `The lines while it happens and the transitions of the file are the same`() throws {
        let run = try LiveRun(["-i", "lo", "--json", "-w", "all.pcap", "--", "tcp"])
        let outcome = try Tool.run(
            "/usr/bin/env",
            [
                "python3", "-c",
                """
                import socket, struct
                l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(300)
                def pair():
                    c = socket.create_connection(l.getsockname()); return c, l.accept()[0]
                for i in range(300):
                    c, s = pair()
                    c.send(b'x' * i)
                    if i % 5 == 0: c.close(); s.close()
                    elif i % 5 == 1: s.close(); c.close()
                    elif i % 5 == 2: c.shutdown(1); s.send(b'late'); s.close(); c.close()
                    elif i % 5 == 3:
                        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                        c.close(); s.close()
                    else: s.shutdown(1)
                """,
            ])
        #expect(outcome.code == 0)
        Thread.sleep(forTimeInterval: 0.5)
        #expect(run.end() == 0)
        let file = run.folder.appendingPathComponent("all.pcap").path
        let offline = try Tool.objects(try Tool.run("transitions", "--json", file).output)
        let report = try Tool.objects(try Tool.run("--json", file).output)
        let capture = try #require(report.first?["capture"] as? [String: Any])
        let last = try #require(capture["last_seen"] as? Int)
        let live = Self.history(try run.events(), until: last)
        #expect(offline.count > 1_500)
        #expect(Self.sequences(live) == Self.sequences(offline))
    }

    /// The final history that events lead to: what is withdrawn left out, each end's in its order.
    private static func history(_ events: [[String: Any]], until last: Int) -> [[String: Any]] {
        // By what tells one transition from another: beside much other traffic there are many.
        var history: [[String: Any]?] = []
        var columns: [[String]: [Int]] = [:]
        for event in events {
            let name = ["connection", "frame", "endpoint", "from"].map { "\(event[$0] ?? "")" }
            let known = columns[name]?.last
            switch event["event"] as? String {
            case "found":
                columns[name, default: []].append(history.count)
                history.append(event)
            case "confirmed": if let known { history[known]?["grade"] = event["grade"] }
            case "withdrawn":
                if let known { history[known] = nil }
                _ = columns[name]?.popLast()
            case "amended": if let known { history[known]?["to"] = event["to"] }
            default: break
            }
        }
        // A timer that ran out after the last frame is in no file.
        return history.compactMap { $0 }.filter {
            $0["grade"] as? String != "assumed" || ($0["ts"] as? Int ?? 0) <= last
        }
    }

    private static func sequences(_ history: [[String: Any]]) -> [String: [String]] {
        var sequences: [String: [String]] = [:]
        for change in history {
            let words = ["client", "server", "endpoint"].map { "\(change[$0] ?? "")" }
            let step = "\(change["to"] ?? "") \(change["grade"] ?? "")"
            sequences[words.joined(separator: " "), default: []].append(step)
        }
        return sequences
    }

    @Test func `Killed, it loses no line, and the next run goes on with what was open`() throws {
        let arguments = ["-i", "lo", "--json", "--state"]
        let connection = try Loopback()
        defer { close(connection.server) }
        let first = try LiveRun(arguments + ["open"])
        let early = try Loopback()
        early.talk()
        try first.wait("a line within a second", seconds: 1.5) {
            try Self.changes(first, early).contains("server ESTABLISHED")
        }
        connection.talk()
        let open = first.folder.appendingPathComponent("open")
        // What is open is in the file every ten seconds.
        try first.wait("the state", seconds: 15) {
            // It is first written a second after the start.
            let text = try? String(contentsOf: open, encoding: .utf8)
            return text?.contains(" \(connection.clientPort) ") == true
        }
        _ = first.end(SIGKILL)
        close(early.client)
        close(early.server)
        let run = try LiveRun(arguments + [open.path])
        try run.wait("the connections") { run.errors.contains("loaded from") }
        close(connection.client)
        try run.wait("the half-close") {
            try Self.changes(run, connection).contains("server CLOSE_WAIT")
        }
        // It was established before, and no guess: the run does not say so once more.
        #expect(try !Self.changes(run, connection).contains("server ESTABLISHED"))
        #expect(run.end() == 0)
    }

    @Test func `The kernel's connections are taken up as assumed`() throws {
        let connection = try Loopback()
        let leak = try Loopback()
        defer { for end in [connection.client, connection.server, leak.server] { close(end) } }
        close(leak.client)
        Thread.sleep(forTimeInterval: 0.1)
        let run = try LiveRun(["-i", "lo", "--json", "--prime", "--threshold", "close-wait=1s"])
        try run.wait("the leak") { try !Self.events(run, leak, "stuck").isEmpty }
        let found = try Self.events(run, connection, "found")
        #expect(found.compactMap { $0["to"] as? String } == ["ESTABLISHED", "ESTABLISHED"])
        #expect(found.allSatisfy { $0["grade"] as? String == "assumed" })
        #expect(run.end() == 0)
    }

    @Test func `Packets and kernel that disagree are named with the rule`() throws {
        // Its packets were before the start.
        let connection = try Loopback()
        defer { for end in [connection.client, connection.server] { close(end) } }
        let run = try LiveRun(["-i", "lo", "--json", "--reconcile"])
        func cases() throws -> [[String: Any]] {
            try run.events().filter {
                $0["event"] as? String == "disagreement"
                    && connection.ends.contains($0["local"] as? String ?? "")
            }
        }
        try run.wait("two comparisons", seconds: 90) { try cases().count == 2 }
        #expect(try cases().allSatisfy { $0["kind"] as? String == "unseen" })
        #expect(try cases().allSatisfy { $0["kernel_state"] as? String == "ESTABLISHED" })
        #expect(run.end() == 0)
    }

    @Test func `A full disk is said, and costs the exit code`() throws {
        let run = try LiveRun(["-i", "lo", "--json"], output: "/dev/full")
        let connection = try Loopback()
        close(connection.client)
        close(connection.server)
        try run.wait("the complaint") { run.errors.contains("No space left on device") }
        #expect(run.end() == 3)
    }

    @Test func `A reader that goes away ends it, and is no error`() throws {
        let outcome = try Tool.bash(
            """
            set -o pipefail
            (sleep 0.5; for i in 1 2 3 4 5 6; do (: < /dev/tcp/127.0.0.1/9) ; sleep 0.3; done) 2>/dev/null &
            timeout 20 $WIRESTATE live -i lo | head -n 1
            """)
        #expect(outcome.code == 0)
        #expect(outcome.lines.first?.hasPrefix("# 20") ?? false)
    }

    @Test func `An interface that goes away is waited for`() throws {
        let name = "wst\(getpid() % 10_000)"
        func ip(_ words: String) throws { _ = try Tool.bash("ip link \(words)") }
        try ip("add \(name)a type veth peer name \(name)b")
        defer { _ = try? Tool.bash("ip link del \(name)a") }
        try ip("set \(name)a up")
        let run = try LiveRun(["-i", "\(name)a", "-i", "lo", "--json"])
        try ip("set \(name)a down")
        try ip("set \(name)a up")
        try ip("del \(name)a")
        try run.wait("the loss") { run.errors.contains("resumes when it is back") }
        let connection = try Loopback()
        close(connection.client)
        try run.wait("the other interface") {
            try Self.changes(run, connection).contains("client FIN_WAIT1")
        }
        close(connection.server)
        try ip("add \(name)a type veth peer name \(name)b")
        try ip("set \(name)a up")
        try run.wait("the return") { run.errors.contains("is back") }
        #expect(run.end() == 0)
    }

    @Test func `Only what gets stuck is kept, from its first packet on`() throws {
        let run = try LiveRun([
            "-i", "lo", "--json", "--threshold", "close-wait=1s", "-w", "stuck.pcap",
            "--only-stuck",
        ])
        let leak = try Loopback()
        close(leak.client)
        let clean = try Loopback()
        close(clean.client)
        close(clean.server)
        try run.wait("the leak") { try !Self.events(run, leak, "stuck").isEmpty }
        close(leak.server)
        Thread.sleep(forTimeInterval: 0.5)
        #expect(run.end() == 0)
        let file = run.folder.appendingPathComponent("stuck.pcap").path
        let kept = try Tool.objects(try Tool.run("connections", "--json", file).output)
        let ours = kept.filter { $0["dport"] as? Int == leak.serverPort }
        #expect(ours.count == 1)
        #expect(ours.first?["close_cause"] as? String == "graceful")
        #expect(!kept.contains { $0["dport"] as? Int == clean.serverPort })
    }

    @Test func `Rotated files follow each other, the last ones are kept`() throws {
        let run = try LiveRun([
            "-i", "lo", "--quiet", "-w", "ring.pcap", "--rotate", "2K", "--keep", "2",
        ])
        for _ in 0..<40 {
            let connection = try Loopback()
            connection.talk()
            close(connection.client)
            close(connection.server)
        }
        Thread.sleep(forTimeInterval: 0.5)
        #expect(run.end() == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: run.folder.path)
            .filter { $0.hasPrefix("ring-") }.sorted()
        #expect(names.count == 2)
        for name in names {
            let outcome = try Tool.run("--json", run.folder.appendingPathComponent(name).path)
            #expect(outcome.code == 0)
        }
    }

    @Test func `SIGUSR1 prints the states, SIGHUP begins the output anew`() throws {
        let run = try LiveRun(["-i", "lo", "--json", "-o", "events"])
        let connection = try Loopback()
        defer { for end in [connection.client, connection.server] { close(end) } }
        let events = run.folder.appendingPathComponent("events")
        try run.wait("lines") { try Data(contentsOf: events).count > 100 }
        run.signal(SIGUSR1)
        try run.wait("the states") { run.errors.contains("ESTABLISHED") }
        try FileManager.default.moveItem(
            at: events, to: run.folder.appendingPathComponent("events.1"))
        run.signal(SIGHUP)
        try run.wait("the new file") { FileManager.default.fileExists(atPath: events.path) }
        #expect(run.end() == 0)
    }
}

/// The screen, on a terminal that `script` gives it.
@Suite(
    .enabled(
        if: LiveRun.isPossible && TerminalTests.script,
        "skipped: the screen: it needs root and bsdutils"))
struct LiveScreenTests {
    private static func screen(_ keys: String, _ environment: String) throws -> Tool.Outcome {
        try Tool.bash(
            """
            (sleep 2; printf '\(keys)'; sleep 2) |
                script -qec "env \(environment) TERM=xterm $WIRESTATE live -i lo -- port 9" /dev/null
            """)
    }

    @Test func `q leaves, and the terminal is as it was`() throws {
        let outcome = try Self.screen("q", "-u NO_COLOR")
        #expect(outcome.code == 0)
        let text = outcome.output
        // xterm: alternate screen, cursor, line wrapping; each is taken and given back.
        for (taken, back) in [("?1049h", "?1049l"), ("?25l", "?25h"), ("?7l", "?7h")] {
            let start = try #require(text.range(of: "\u{1b}[\(taken)"))
            let end = try #require(text.range(of: "\u{1b}[\(back)", options: .backwards))
            #expect(start.lowerBound < end.lowerBound)
        }
        let screen = try #require(text.range(of: "\u{1b}[?1049l"))
        // The report is what stays.
        #expect(text[screen.upperBound...].contains("0 frames: 0 TCP"))
        #expect(text[..<screen.lowerBound].contains("lost: 0 by the kernel"))
    }

    @Test func `NO_COLOR has no colour`() throws {
        let text = try Self.screen("q", "NO_COLOR=1").output
        #expect(text.contains("\u{1b}[?1049h"))
        let colours = try Regex("\u{1b}\\[[0-9;]*;3[0-9][;m]")
        #expect(text.firstMatch(of: colours) == nil)
    }
}

/// What can go wrong before anything is captured; needs no rights.
struct LiveErrorTests {
    @Test(arguments: [
        ["live"], ["live", "-i", "lo", "-i", "lo"], ["live", "-i", "lo", "--every", "x"],
        ["live", "-i", "lo", "--rotate", "1h"], ["live", "-i", "lo", "-w", "x", "--rotate", "no"],
        ["live", "-i", "lo", "--user", "no such user"], ["live", "-i", "lo", "-s", "1"],
    ])
    func `Wrong usage is exit code 2`(_ arguments: [String]) throws {
        #expect(try Tool.run(Tool.path, arguments).code == 2)
    }

    @Test func `Without the right to capture one line says what to do`() throws {
        let outcome = try Tool.runUnprivileged(["live", "-i", "lo"])
        #expect(outcome.code == 3)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("setcap cap_net_raw=eip"))
    }

    @Test(.enabled(if: LiveRun.isPossible, "skipped: opening an interface: it needs root"))
    func `An interface that does not exist is one line`() throws {
        let outcome = try Tool.run("live", "-i", "nosuch0")
        #expect(outcome.code == 3)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("wirestate interfaces"))
    }
}
