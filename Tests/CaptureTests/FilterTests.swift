import Capture
import Testing
import Wire

@Suite struct FilterTests {
    @Test(arguments: CaptureReader.Backend.allCases)
    func `a filter that does not parse is refused with libpcap's reason`(
        backend: CaptureReader.Backend
    ) throws {
        let path = try #require(sourceCaptures.first)
        for files in [[path], [], ["/no/such/file"], [path, path]] {
            let error = #expect(throws: CaptureError.self) {
                _ = try CaptureReader(files: files, filter: "tcp prot 80", backend: backend)
            }
            guard case .filter("tcp prot 80", let text) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(text.contains("syntax error"))
        }
    }

    @Test(arguments: ["tcp[tcpflags] & tcp-syn != 0", "tcp port 80", "not tcp", "len > 100", ""])
    func `filtered frames are the same by either reader, and keep their numbers`(
        filter: String
    ) throws {
        for path in sourceCaptures {
            let all = try Reading([path])
            let own = try Reading([path], filter: filter)
            let reference = try Reading([path], filter: filter, backend: .libpcap)
            #expect(own.frames.map(\.number) == reference.frames.map(\.number))
            #expect(own.skipped == reference.skipped)
            #expect(own.skipped + UInt64(own.frames.count) == own.read)
            #expect(own.read == UInt64(all.frames.count))
            #expect(own.frames.allSatisfy { $0 == all.frames[Int($0.number) - 1] })
        }
    }

    @Test func `a filter that fits no link type found at once is a mistake of usage`() throws {
        var file = CaptureBytes.classic(linkType: 101)
        file.record(1, 0, [0x45])
        let kept = try TemporaryFile(file)
        #expect(throws: CaptureError.self) {
            _ = try CaptureReader(files: [kept.path], filter: "ether host 1:2:3:4:5:6")
        }
    }

    @Test func `a filter that does not fit a later link type is a problem of that file`() throws {
        var file = CaptureBytes.section()
        file.interface(linkType: 1)
        file.packet(1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0])
        file.interface(linkType: 101)
        file.packet(2, [0x45], interface: 1)
        file.packet(3, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0])
        let reading = try Reading(file, filter: "ether dst 1:2:3:4:5:6")
        #expect(reading.frames.map(\.number) == [1, 3])
        #expect(reading.skipped == 1)
        guard case .filter(.raw, _) = reading.fileError else {
            Issue.record("\(reading.problems)")
            return
        }
    }
}
