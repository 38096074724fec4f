import Capture
import Testing

/// Our reader against libpcap's: the same frames, and trouble in the same files.
@Suite struct ReferenceTests {
    /// What a reading is, as far as the two must agree.
    private func compare(_ path: String, _ what: String) throws {
        let own = try Reading([path], backend: .own)
        let reference = try Reading([path], backend: .libpcap)
        // libpcap gives up where sections or interfaces differ, and calls a section without
        // interfaces trouble; it is not used where packets are of several interfaces. We go on, and so may
        // have more frames.
        let gaveUp = reference.problems.contains { problem in
            ["different", "has no Interface", "interfaces apart"].contains {
                problem.description.contains($0)
            }
        }
        let frames = own.frames.map(withoutInterface)
        let expected = reference.frames.map(withoutInterface)
        if gaveUp {
            #expect(frames.prefix(expected.count).elementsEqual(expected), "\(what)")
        } else {
            #expect(frames == expected, "\(what)")
            #expect(own.problems.isEmpty == reference.problems.isEmpty, "\(what)")
        }
    }

    /// libpcap does not tell the interface, nor count blocks that it skips.
    private func withoutInterface(_ frame: ReadFrame) -> ReadFrame {
        var frame = frame
        frame.interface = 0
        return frame
    }

    @Test func `there are captures to read`() { #expect(!sourceCaptures.isEmpty) }

    @Test(arguments: sourceCaptures)
    func `every capture of the sources gives libpcap's frames`(path: String) throws {
        let own = try Reading([path], backend: .automatic)
        let reference = try Reading([path], backend: .libpcap)
        #expect(own.frames.map(withoutInterface) == reference.frames.map(withoutInterface))
        #expect(own.frames.count > 0)
        #expect(own.problems.isEmpty)
        #expect(own.summaries[0].linkTypes == reference.summaries[0].linkTypes)
        #expect(own.summaries[0].snapshotLength == reference.summaries[0].snapshotLength)
    }

    @Test(arguments: [189, 220, 239] as [UInt32])
    func `headers in a foreign host's byte order are left to libpcap, which turns them round`(
        linkType: UInt32
    ) throws {
        var file = CaptureBytes.classic(.big, linkType: linkType)
        file.record(1, 2, [0, 0, 0, 1] + [UInt8](0..<100))
        let kept = try TemporaryFile(file)
        let reference = try Reading([kept.path], backend: .libpcap)
        #expect(try Reading([kept.path], backend: .automatic).frames == reference.frames)
        #expect(try Reading([kept.path], backend: .own).frames != reference.frames)
    }

    static let samples: [[UInt8]] = [
        ClassicTests.kinds.map { kind in
            var file = CaptureBytes.classic(kind.order, magic: kind.magic, snapshotLength: 20)
            file.record(1, 2, [1, 2, 3], wire: 60, extra: kind.extra)
            file.record(3, 4, [UInt8](0..<30), extra: kind.extra)
            file.record(5, 6, [], wire: 0, extra: kind.extra)
            return file.bytes
        },
        CaptureBytes.Order.allCases.map { order in
            var file = CaptureBytes.section(order)
            file.interface(
                snapshotLength: 20,
                options: [.init(code: 2, value: [0x6c, 0x6f]), .init(code: 9, value: [9])])
            file.packet(1, [1, 2, 3], wire: 60, options: [.init(code: 1, value: [0x21])])
            file.statistics([4: 3])
            file.simplePacket([1, 2, 3, 4, 5])
            file.packet(7, [1, 2, 3, 4], type: 2)
            return file.bytes
        },
    ].flatMap { $0 }

    @Test(arguments: samples.indices)
    func `a file cut at any byte gives libpcap's frames`(sample: Int) throws {
        let bytes = Self.samples[sample]
        for length in bytes.indices {
            let file = try TemporaryFile(Array(bytes.prefix(length)))
            try compare(file.path, "\(length) bytes")
        }
    }

    @Test(arguments: samples.indices)
    func `a file with any byte damaged gives libpcap's frames`(sample: Int) throws {
        let bytes = Self.samples[sample]
        for index in bytes.indices {
            for damage: UInt8 in [0x01, 0x80, 0xff] {
                var damaged = bytes
                damaged[index] ^= damage
                let file = try TemporaryFile(damaged)
                try compare(file.path, "byte \(index) ^ \(damage)")
            }
        }
    }
}
