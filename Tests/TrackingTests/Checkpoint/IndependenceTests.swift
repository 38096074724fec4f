import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// What is said of a connection does not depend on the packets of others, which let time pass.
struct IndependenceTests {
    /// The records of all connections, when a frame of another one comes ten minutes after the last.
    ///
    /// - Parameter step: how often the timers are looked at; nil for at frames only.
    private func records(_ frames: [CapturedFrame], every step: TimeSpan?) -> [[UInt8]] {
        var tracker = Tracker(
            observer: WholeRecords(), profile: .linux, maximumConnections: 1 << 20)
        var last = frames[0].time
        func pass(to time: Timestamp) {
            guard let step else { return }
            while last + step < time {
                last = last + step
                tracker.tick(to: last)
            }
        }
        for (index, frame) in frames.enumerated() {
            pass(to: frame.time)
            tracker.receive(
                frame.bytes.span, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.time, interface: frame.interface, frame: UInt64(index + 1))
        }
        let latest = frames.map(\.time).max() ?? last
        let end = latest + 600_000_000_000
        pass(to: end)
        let talk = Conversation(clientPort: 50_000, start: end)
        talk.client.syn()
        for (bytes, time) in talk.frames {
            tracker.receive(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time, interface: 7,
                frame: UInt64(frames.count + 1))
        }
        tracker.finish()
        return tracker.observer.closed
    }

    @Test(arguments: KernelLog.captures)
    func `timers that are looked at late run out as on time`(capture: String) throws {
        let frames = try CapturedFrame.all(of: capture)
        for count in [frames.count, frames.count / 2, frames.count / 3 + 1] {
            let some = Array(frames.prefix(max(1, count)))
            #expect(records(some, every: 500_000_000) == records(some, every: nil))
        }
    }

    /// A handshake of which one direction is seen, and a FIN: whether that arrived nobody knows after a second, whether the
    /// ACK did after two minutes.
    @Test func `a FIN that is not answered is lost however late one looks`() {
        let talk = Conversation()
        talk.client.syn()
        talk.client.ack()
        talk.client.send(100)
        talk.client.fin()
        let frames = talk.frames.map {
            CapturedFrame(
                bytes: $0.bytes, linkType: .ethernet, wireLength: $0.bytes.count, time: $0.time,
                interface: 0)
        }
        #expect(records(frames, every: 500_000_000) == records(frames, every: nil))
    }
}
