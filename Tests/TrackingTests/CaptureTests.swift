import TCPState
import Testing
import Tracking
import Wire

/// Every capture of real Linux sockets against what the kernel logged of them.
@Suite struct CaptureTests {
    @Test func `there are captures`() {
        #expect(KernelLog.captures.count >= 16)
    }

    @Test(arguments: KernelLog.captures)
    func `the history of every endpoint is the kernel's`(capture: String) throws {
        let truth = try KernelLog(capture).histories
        let said = try TrackedCapture(capture).histories
        for (socket, lives) in truth {
            #expect((said[socket] ?? []) == lives, "\(socket)")
        }
        let unknown = said.keys.filter { truth[$0] == nil }
        #expect(unknown.count == Self.nobody[capture, default: 0], "\(unknown)")
    }

    @Test(arguments: KernelLog.captures)
    func `the last state of every endpoint is the kernel's`(capture: String) throws {
        let log = try KernelLog(capture)
        let said = try TrackedCapture(capture).ends
        for (socket, state) in log.ends {
            #expect(said[socket] == state, "\(socket)")
        }
        let others = said.keys.filter { log.ends[$0] == nil }
        let lost = others.filter(log.silentlyLost.contains)
        #expect(lost.count == Self.lostPower[capture, default: 0], "\(lost)")
        #expect(others.count - lost.count == Self.nobody[capture, default: 0], "\(others)")
    }

    /// Sockets that their host lost without a packet: a client that has no power says nothing, so the
    /// tracker keeps the last state that it had.
    static let lostPower = ["half-open.pcap": 1, "incident.pcapng": 4]

    /// Ends in the packets that no kernel has: forged SYNs from an address where nobody is.
    static let nobody = ["syn-recv-stuck.pcap": 2]

    @Test(arguments: KernelLog.captures)
    func `frames read are segments tracked and frames set aside`(capture: String) throws {
        let counts = try TrackedCapture(capture).counts
        #expect(counts.frames > 0)
        #expect(counts.frames == counts.segments + counts.totalSetAside)
        #expect(SetAside.allCases.reduce(0) { $0 + counts[$1] } == counts.totalSetAside)
    }

    /// Every run hashes by a secret of its own.
    @Test(arguments: KernelLog.captures)
    func `two runs say the same`(capture: String) throws {
        let lines = try (0..<2).map { _ in
            try TrackedCapture(capture).history.timeline().map { "\($0)" }
        }
        #expect(lines[0] == lines[1])
        #expect(!lines[0].isEmpty)
    }

    @Test func `a limit that is not reached changes nothing`() throws {
        let lines = try [400, 1_000_000].map { limit in
            try TrackedCapture("incident.pcapng", maximumConnections: limit)
                .history.timeline().map { "\($0)" }
        }
        #expect(lines[0] == lines[1])
    }
}
