import Capture
import Testing
import Wire

@Suite struct OfflineCaptureTests {
    @Test func `libpcap's reader gives frames, link type, snapshot length and version`() throws {
        var file = CaptureBytes.classic(.big, magic: 0xa1b2_3c4d, snapshotLength: 96, linkType: 113)
        file.record(1, 2, [1, 2, 3], wire: 60)
        file.record(2, 3, [4])
        let kept = try TemporaryFile(file)
        var capture = try OfflineCapture(path: kept.path)
        #expect(capture.linkType == .linuxSLL)
        #expect(capture.snapshotLength == 96)
        #expect(capture.version == (2, 4))
        let isSwapped = capture.isSwapped
        #expect(isSwapped)
        try capture.setFilter("len = 60")
        var frames: [ReadFrame] = []
        while let frame = try capture.next() { frames.append(ReadFrame(frame)) }
        #expect(frames.map(\.bytes) == [[1, 2, 3]])
        #expect(frames.map(\.nanoseconds) == [1_000_000_002])
    }

    @Test func `what libpcap cannot open is told in its words`() throws {
        let text = try TemporaryFile([UInt8]("no capture at all, only text".utf8))
        let error = #expect(throws: CaptureError.self) { _ = try OfflineCapture(path: text.path) }
        #expect(error?.description.contains("unknown file format") == true)
        let missing = #expect(throws: CaptureError.self) {
            _ = try OfflineCapture(path: "/no/such")
        }
        #expect(missing?.description == "/no/such: no such file: check the path")
    }

    @Test func `a bad filter is refused`() throws {
        let kept = try TemporaryFile(CaptureBytes.classic())
        #expect(throws: CaptureError.self) {
            var capture = try OfflineCapture(path: kept.path)
            try capture.setFilter("tcp prot 80")
        }
    }
}
