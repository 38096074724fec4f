import Analysis
import Diagnosis
import Foundation
import TCPState
import TestKit
import Testing
import Tracking
import Wire

@testable import Live

/// The files that a run writes and reads.
@Suite struct FileTests {
    private func tracker() -> Tracker<LiveObserver> {
        Tracker(
            observer: LiveObserver(local: [], .standard, wantsTransitions: false), profile: .linux,
            maximumConnections: 1000)
    }

    private func feed(_ talk: Conversation, _ tracker: inout Tracker<LiveObserver>) {
        for (index, (bytes, time)) in talk.frames.enumerated() {
            tracker.enqueue(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time, interface: 0,
                frame: UInt64(index + 1))
        }
        tracker.flush()
    }

    @Test func `open connections go on in a later run, a handshake does not`() throws {
        let folder = try Folder()
        let path = folder.path("state")
        var first = tracker()
        let open = Conversation(clientPort: 40000)
        open.open()
        open.client.fin()
        let half = Conversation(clientPort: 40001)
        half.client.syn()
        feed(open, &first)
        feed(half, &first)
        do {
            let file = try SessionFile(path: path, interfaces: ["test0"])
            file.write(&first)
            #expect(file.finish(within: .seconds(5)))
            #expect(file.failure == nil)
            #expect(throws: RunFailure.self) {
                try SessionFile(path: path, interfaces: ["test0"])
            }
        }
        let file = try SessionFile(path: path, interfaces: ["test0"])
        var second = tracker()
        let contents = try file.read(
            into: &second, at: open.now, isGone: { _, _ in false }, isStopped: { false })
        #expect(contents.taken == 1)
        #expect(contents.damaged == 0)
        var states: [State] = []
        second.look { states = [$0.connection.client.state, $0.connection.server.state] }
        #expect(states == [.finWait1, .closeWait])
    }

    @Test func `of a damaged file the lines that mean something are taken`() throws {
        let folder = try Folder()
        let path = folder.path("state")
        var first = tracker()
        for port in 40000..<40010 {
            let talk = Conversation(clientPort: UInt16(port))
            talk.open()
            feed(talk, &first)
        }
        do {
            let file = try SessionFile(path: path, interfaces: ["test0"])
            file.write(&first)
            #expect(file.finish(within: .seconds(5)))
        }
        var lines = try folder.text("state").split(separator: "\n").map(String.init)
        #expect(lines.count == 11)
        lines[3] = "10.0.0.1 x"
        lines[5] += " 9"
        lines[7].removeLast(10)
        try lines.joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
        let file = try SessionFile(path: path, interfaces: ["test0"])
        var second = tracker()
        let contents = try file.read(
            into: &second, at: Timestamp(nanoseconds: 1_700_000_100_000_000_000),
            isGone: { _, _ in false }, isStopped: { false })
        #expect(contents.taken + contents.damaged == 10)
        #expect(contents.damaged >= 2)
    }

    /// The format of a classic pcap file with nanoseconds: draft-ietf-opsawg-pcap, section 4.
    @Test func `files of packets end where they are full, and none takes the place of another`()
        throws
    {
        let folder = try Folder()
        let path = folder.path("trace.pcap")
        try "not a capture".write(
            toFile: folder.path("trace-00002.pcap"), atomically: false, encoding: .utf8)
        let talk = Conversation()
        talk.open()
        let frames = talk.frames
        // Room for the header and two frames.
        let size = 24 + 2 * (16 + frames[0].bytes.count + 16)
        let writer = try RotatingCaptureWriter(
            path: path, rotation: .size(size), keep: nil, linkType: .ethernet,
            snapshotLength: 128, owner: nil)
        for frame in frames {
            writer.write(frame.bytes.span, wireLength: frame.bytes.count, at: frame.time)
        }
        writer.finish(within: .seconds(5))
        #expect(writer.lostFrames == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        #expect(names == ["trace-00002.pcap", "trace-00003.pcap", "trace-00004.pcap"])
        #expect(try folder.text("trace-00002.pcap") == "not a capture")
        let data = try Data(contentsOf: folder.url.appendingPathComponent("trace-00003.pcap"))
        let magic = data.prefix(4).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        #expect(magic == 0xa1b2_3c4d)
        let first = frames[0].bytes
        #expect(Array(data[40..<(40 + first.count)]) == first)
    }
}
