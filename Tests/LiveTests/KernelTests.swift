import Diagnosis
import TCPState
import TestKit
import Testing
import Tracking
import Wire

@testable import Live

/// What a run makes of its host's sockets.
@Suite struct KernelTests {
    /// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode`, as in proc(5): numbers of
    /// four octets are hexadecimal in host order.
    private static func line(
        _ local: String, _ remote: String, state: String, inode: Int = 0
    ) -> String {
        "   0: \(local) \(remote) \(state) 00000000:00000000 00:00000000 00000000  1000        0 \(inode) 1"
    }

    /// 10.1.1.2:8080 and 10.1.1.101:40000, as the table has them.
    private static let server = "0201010A:1F90"
    private static let client = "6501010A:9C40"
    private static let own: Set<Address> = [Address("10.1.1.2")!]
    private static let key = FlowKey(
        Address("10.1.1.2")!, 8080, Address("10.1.1.101")!, 40000)

    private func locals(_ lines: [String], _ host: FakeHost) -> (LocalSockets, FakeSockets) {
        let source = FakeSockets(lines.joined(separator: "\n"))
        let locals = LocalSockets(source, host)
        locals.refresh(host.now)
        return (locals, source)
    }

    /// State 08 is CLOSE_WAIT: linux/tcp_states.h.
    @Test func `a kernel's connection is taken up in its state, its listener is the server`() {
        let host = FakeHost()
        let (locals, _) = locals(
            [
                Self.line(Self.server, "00000000:0000", state: "0A"),
                Self.line(Self.server, Self.client, state: "08"),
            ], host)
        var tracker = Tracker(
            observer: LiveObserver(local: [], .standard, wantsTransitions: false), profile: .linux,
            maximumConnections: 10)
        let priming = Priming(locals, .linux, addresses: Self.own, at: host.now)
        #expect(priming.adopt(into: &tracker) == 1)
        var records: [ConnectionRecord] = []
        tracker.look { records.append($0) }
        #expect(records.count == 1)
        #expect(records.first?.connection.server.state == .closeWait)
        #expect(records.first.map { $0.port($0.connection.opener) } == 40000)
    }

    @Test func `a connection without its socket, or in another state, is refuted`() throws {
        let host = FakeHost()
        let talk = Conversation(
            clientAddress: Address("10.1.1.101")!, serverAddress: Address("10.1.1.2")!,
            serverPort: 8080)
        talk.open()
        let connection = try #require(talk.record?.connection)
        for (state, isRefuted) in [("01", false), ("08", true)] {
            let (locals, _) = locals([Self.line(Self.server, Self.client, state: state)], host)
            let priming = Priming(locals, .linux, addresses: Self.own, at: host.now)
            #expect(priming.refutes(Self.key, connection) == isRefuted)
        }
        let (none, _) = locals([], host)
        #expect(
            Priming(none, .linux, addresses: Self.own, at: host.now).refutes(Self.key, connection))
    }

    @Test func `the table is read once a second at most`() {
        let host = FakeHost()
        let (locals, source) = locals([], host)
        host.pause(.milliseconds(900))
        locals.refresh(host.now)
        #expect(source.questions == 1)
        host.pause(.milliseconds(200))
        locals.refresh(host.now)
        #expect(source.questions == 2)
    }

    /// Packets on their way settle most disagreements: one counts when two comparisons have found it.
    @Test func `a disagreement is told of when it lasts, and when it is over`() {
        let host = FakeHost()
        var tracker = Tracker(
            observer: LiveObserver(local: [], .standard, wantsTransitions: false), profile: .linux,
            maximumConnections: 10)
        let talk = Conversation(
            clientAddress: Address("10.1.1.101")!, serverAddress: Address("10.1.1.2")!,
            serverPort: 8080, start: host.now)
        talk.open()
        talk.client.fin()
        talk.server.ack()
        for (index, (bytes, time)) in talk.frames.enumerated() {
            tracker.enqueue(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time, interface: 0,
                frame: UInt64(index + 1))
        }
        tracker.flush()
        var reconciler = SocketReconciler(addresses: Self.own)
        // The kernel still has ESTABLISHED, then CLOSE_WAIT.
        let (wrong, _) = locals([Self.line(Self.server, Self.client, state: "01")], host)
        #expect(reconciler.compare(&tracker, wrong).begun.isEmpty)
        let begun = reconciler.compare(&tracker, wrong).begun
        #expect(begun.map(\.kernel) == [.established])
        #expect(begun.map(\.wire) == [.closeWait])
        #expect(reconciler.compare(&tracker, wrong).begun.isEmpty)
        let (right, _) = locals([Self.line(Self.server, Self.client, state: "08")], host)
        let settled = reconciler.compare(&tracker, right)
        #expect(settled.ended.count == 1)
        #expect(settled.agreeing == 1)
        #expect(settled.count == 0)
    }
}
