import Foundation
import Monitoring
import TCPState
import Testing
import Wire

@Suite struct LiveMetricsTests {
    private func transition(
        _ serial: UInt32, _ side: Side, _ from: State, _ to: State, _ event: Event, at time: Int64
    ) -> Transition {
        Transition(
            connection: serial, side: side, from: from, to: to, event: event, grade: .proved,
            timer: .none, moment: .onArrival, seen: Timestamp(nanoseconds: time), notBefore: nil,
            notAfter: nil, frame: 1)
    }

    private var snapshot: LiveSnapshot {
        var meter = TransitionMeter()
        var stays = StateStays(opener: .low)
        for change in [
            transition(1, .low, .closed, .synSent, .sentSYN, at: 0),
            transition(1, .low, .synSent, .established, .receivedSYNACK, at: 30_000_000),
            transition(1, .high, .established, .closeWait, .receivedFIN, at: 0),
        ] {
            meter.add(change, stays.change(change))
        }
        var snapshot = LiveSnapshot()
        snapshot.interfaces = ["eth0", "a\"b"]
        snapshot.lostInterfaces = ["eth0"]
        snapshot.transitions = meter
        return snapshot
    }

    @Test func `transitions and their durations are counted`() {
        let text = LiveMetrics(version: "1").text(snapshot, .prometheus)
        #expect(
            text.contains(
                "wirestate_transitions_total{from=\"syn_sent\",to=\"established\",role=\"client\",grade=\"proved\"} 1\n"
            ))
        #expect(
            text.contains(
                "wirestate_state_duration_seconds_bucket{state=\"syn_sent\",role=\"client\",le=\"0.1\"} 1\n"
            ))
        #expect(
            text.contains(
                "wirestate_handshake_duration_seconds_bucket{phase=\"connect\",le=\"0.025\"} 0\n"))
        #expect(
            text.contains(
                "wirestate_handshake_duration_seconds_bucket{phase=\"connect\",le=\"0.05\"} 1\n"))
        // Of an end that nobody has seen come to its state, a change without a time.
        #expect(text.contains("to=\"close_wait\",role=\"server\",grade=\"proved\"} 1\n"))
        #expect(
            !text.contains(
                "wirestate_state_duration_seconds_count{state=\"established\",role=\"server\"}"))
        #expect(text.contains("wirestate_interface_up{interface=\"eth0\"} 0\n"))
        #expect(!text.contains("node_tcp"))
    }

    /// Debian's prometheus has promtool; Scripts/setup installs it.
    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")),
        arguments: [false, true])
    func `promtool finds nothing to complain of`(node: Bool) throws {
        let promtool = Process()
        promtool.executableURL = URL(fileURLWithPath: "/usr/bin/promtool")
        promtool.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        promtool.standardInput = input
        promtool.standardOutput = output
        promtool.standardError = output
        try promtool.run()
        let text = LiveMetrics(version: "1", wantsNodeNames: node).text(snapshot, .prometheus)
        input.fileHandleForWriting.write(Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        promtool.waitUntilExit()
        #expect(promtool.terminationStatus == 0 && said.isEmpty, "\(said)")
    }

    @Test func `a run whose capture stalls is not well`() {
        var snapshot = LiveSnapshot()
        snapshot.interfaces = ["eth0", "eth1"]
        snapshot.published = Timestamp(nanoseconds: 1_000_000_000)
        #expect(snapshot.staleness(at: Timestamp(nanoseconds: 2_000_000_000)) == nil)
        #expect(snapshot.staleness(at: Timestamp(nanoseconds: 12_000_000_000)) != nil)
        snapshot.lostInterfaces = ["eth1"]
        #expect(snapshot.staleness(at: Timestamp(nanoseconds: 2_000_000_000)) == nil)
        snapshot.lostInterfaces = ["eth1", "eth0"]
        #expect(snapshot.staleness(at: Timestamp(nanoseconds: 2_000_000_000)) != nil)
    }
}
