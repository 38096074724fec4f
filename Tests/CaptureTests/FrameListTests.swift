import Capture
import Testing
import Wire

/// Frames that are kept while the reader goes on.
struct FrameListTests {
    /// Two lists are under way at any time; what the older one's frames lie in is given back after it.
    @Test(arguments: [.own, .libpcap] as [CaptureReader.Engine], [nil, "len & 1 == 1"])
    func `Frames stay as they were read until their memory is given back`(
        _ engine: CaptureReader.Engine, _ filter: String?
    ) throws {
        let file = try TemporaryFile(Self.capture)
        let expected = try Reading([file.path], filter: filter, engine: engine).frames
        #expect(expected.count > 5_000)
        let memory = FrameMemory()
        var reader = try CaptureReader(
            files: [file.path], filter: filter, engine: engine, frameMemory: memory)
        var hands = FrameHands(count: 2)
        var pieces = [FrameMemory.Pieces(), FrameMemory.Pieces()]
        var compared = 0
        var taken = 0
        for turn in 0... {
            let fresh = turn % 2
            memory.giveBack(pieces[fresh])
            hands[fresh].removeAll()
            for place in 0..<700 as Range<UInt32> {
                guard let frame = reader.next() else { break }
                hands[fresh].append(frame, place: place)
            }
            pieces[fresh] = memory.takeLeft()
            taken += hands[fresh].count
            for index in 0..<hands[1 - fresh].count {
                #expect(hands[1 - fresh].place(index) == UInt32(index))
                let kept = ReadFrame(hands[1 - fresh], index)
                if kept != expected[compared] {
                    Issue.record("frame \(compared) changed")
                    return
                }
                compared += 1
            }
            if hands[fresh].count == 0 { break }
        }
        #expect(taken == expected.count)
        #expect(compared == expected.count)
    }

    /// Frames of all sizes, some larger than a piece of memory.
    private static let capture: CaptureBytes = {
        var capture = CaptureBytes.classic(snapshotLength: 262_144)
        for number in 0..<12_000 {
            let size = number % 2_000 == 1_999 ? 260_000 : 54 + number * 37 % 300
            capture.record(
                UInt32(number), 0, (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ number) })
        }
        return capture
    }()
}
