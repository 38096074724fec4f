import Capture
import Testing
import Wire

/// Hand-made files; the expected values follow from the format's description.
@Suite struct PcapngTests {
    @Test(arguments: CaptureBytes.Order.allCases)
    func `enhanced, simple and obsolete packets are read in either byte order`(
        order: CaptureBytes.Order
    ) throws {
        var capture = CaptureBytes.section(order)
        capture.interface(linkType: 101, snapshotLength: 96)
        capture.packet(1_500_000, [1, 2, 3], wire: 40)
        capture.simplePacket([4, 5], wire: 2)
        capture.packet(2_000_001, [6], type: 2)
        let reading = try Reading(capture)
        #expect(reading.problems.isEmpty)
        #expect(reading.frames.map(\.bytes) == [[1, 2, 3], [4, 5], [6]])
        #expect(reading.times == [1_500_000_000, 0, 2_000_001_000])
        #expect(reading.frames.map(\.wireLength) == [40, 2, 1])
        #expect(reading.frames.map(\.linkType) == [101, 101, 101])
        #expect(reading.frames.map(\.number) == [1, 2, 3])
        #expect(reading.summaries[0].format == "pcapng")
        #expect(reading.summaries[0].snapshotLength == 96)
    }

    @Test func `a simple packet has as many bytes as the first interface's snapshot length`() throws
    {
        var capture = CaptureBytes.section()
        capture.interface(snapshotLength: 4)
        capture.interface(snapshotLength: 8)
        capture.simplePacket([1, 2, 3, 4], wire: 100)
        let reading = try Reading(capture)
        #expect(reading.frames.map(\.bytes) == [[1, 2, 3, 4]])
        #expect(reading.frames.map(\.wireLength) == [100])
    }

    @Test func `each interface has its own link type, resolution and offset`() throws {
        var capture = CaptureBytes.section(.big)
        let nanoseconds = CaptureBytes.Option(code: 9, value: [9])
        let halves = CaptureBytes.Option(code: 9, value: [0x81])
        let later = CaptureBytes.Option(code: 14, value: [0, 0, 0, 0, 0, 0, 0, 100])
        let earlier = CaptureBytes.Option(code: 14, value: [UInt8](repeating: 255, count: 8))
        capture.interface(linkType: 1, options: [nanoseconds])
        capture.interface(linkType: 113, options: [halves, later])
        capture.interface(linkType: 276, options: [earlier])
        capture.packet(3_000_000_001, [1], interface: 0)
        capture.packet(3, [2], interface: 1)
        capture.packet(3_000_001, [3], interface: 2)
        let reading = try Reading(capture)
        #expect(reading.problems.isEmpty)
        #expect(reading.times == [3_000_000_001, 101_500_000_000, 2_000_001_000])
        #expect(reading.frames.map(\.linkType) == [1, 113, 276])
        #expect(reading.summaries[0].linkTypes.map(\.rawValue) == [1, 113, 276])
    }

    @Test func `sections may change the byte order and begin their interfaces anew`() throws {
        var capture = CaptureBytes.section(.little)
        capture.interface(linkType: 1)
        capture.packet(1, [1])
        capture.section(.big)
        capture.interface(linkType: 101)
        capture.packet(2, [2])
        capture.section(.little)
        capture.interface(linkType: 1)
        capture.packet(3, [3])
        let reading = try Reading(capture)
        #expect(reading.problems.isEmpty)
        #expect(reading.frames.map(\.linkType) == [1, 101, 1])
        #expect(reading.times == [1_000, 2_000, 3_000])
        #expect(reading.frames.map(\.number) == [1, 2, 3])
    }

    @Test func `equal interfaces have equal numbers over sections and files`() throws {
        func name(_ text: String) -> [CaptureBytes.Option] {
            [.init(code: 2, value: [UInt8](text.utf8))]
        }
        var first = CaptureBytes.section()
        first.interface(options: name("eth0"))
        first.interface(options: name("eth1"))
        first.interface(options: name("eth0"))
        first.packet(1, [1], interface: 0)
        first.packet(2, [1], interface: 1)
        first.packet(3, [1], interface: 2)
        first.section(.little)
        first.interface(options: name("eth1"))
        first.packet(4, [1], interface: 0)
        var second = CaptureBytes.section()
        second.interface(options: name("eth0"))
        second.packet(5, [1])
        var third = CaptureBytes.classic()
        third.record(6, 0, [1])
        let files = [try TemporaryFile(first), try TemporaryFile(second), try TemporaryFile(third)]
        let reading = try withExtendedLifetime(files) { try Reading(files.map(\.path)) }
        #expect(reading.frames.map(\.interface) == [1, 2, 3, 2, 1, 0])
        #expect(reading.interfaces.map(\.name) == [nil, "eth0", "eth1", "eth0"])
    }

    @Test func `an interface's statistics are the last ones of each section, added up`() throws {
        var capture = CaptureBytes.section()
        capture.interface(options: [.init(code: 2, value: [0x61]), .init(code: 3, value: [0x62])])
        capture.statistics([4: 5, 5: 1, 7: 0])
        capture.packet(1, [1])
        capture.statistics([4: 10, 5: 2, 7: 3])
        capture.section(.big)
        capture.interface(options: [.init(code: 2, value: [0x61])])
        capture.statistics([4: 7, 5: 1])
        let reading = try Reading(capture)
        let interface = try #require(reading.summaries[0].interfaces.first)
        #expect(reading.summaries[0].interfaces.count == 1)
        #expect(interface.name == "a")
        #expect(interface.received == 17)
        #expect(interface.dropped == 3)
        #expect(interface.droppedBySystem == 3)
        #expect(reading.interfaces[Int(interface.number)] == interface)
    }

    @Test func `unknown blocks are skipped`() throws {
        var capture = CaptureBytes.section()
        capture.block(4) { $0.append(UInt32(0)) }
        capture.interface()
        capture.block(0x8000_1234) { $0.append(bytes: [1, 2, 3]) }
        capture.packet(1, [1], options: [.init(code: 1, value: [0x68, 0x69])])
        capture.block(10) { $0.append(bytes: [UInt8](repeating: 0, count: 100_000)) }
        capture.packet(2, [2])
        let reading = try Reading(capture)
        #expect(reading.frames.map(\.bytes) == [[1], [2]])
        #expect(reading.frames.map(\.number) == [1, 2])
        #expect(reading.problems.isEmpty)
    }

    /// As tshark 4.0 numbers pcapng-test-generator's basic/test018.
    @Test func `blocks that Wireshark numbers have a number but are no frames`() throws {
        var capture = CaptureBytes.section()
        capture.interface()
        capture.block(0x0bad) { $0.append(UInt64(0)) }
        capture.packet(1, [1])
        capture.block(0x4000_0bad) { $0.append(UInt64(0)) }
        capture.block(9) { $0.append(UInt64(0)) }
        capture.packet(2, [2])
        let reading = try Reading(capture)
        #expect(reading.frames.map(\.number) == [2, 5])
        #expect(reading.read == 2)
        #expect(reading.summaries[0].frames == 2)
    }

    @Test func `libpcap reads a file of one interface, and refuses one whose packets are of two`()
        throws
    {
        var capture = CaptureBytes.section()
        capture.interface(options: [.init(code: 2, value: [0x61])])
        capture.interface(options: [.init(code: 2, value: [0x62])])
        capture.packet(1, [1], interface: 1)
        capture.packet(2, [2], interface: 1)
        let own = try Reading(capture)
        let libpcap = try Reading(capture, backend: .libpcap)
        #expect(own.problems.isEmpty && libpcap.problems.isEmpty)
        #expect(Set(own.frames.map(\.interface)).count == 1)
        #expect(Set(libpcap.frames.map(\.interface)).count == 1)
        #expect(libpcap.frames.map(\.bytes) == [[1], [2]])
        capture.packet(3, [3], interface: 0)
        #expect(try Reading(capture).frames.count == 3)
        #expect(try Reading(capture, backend: .libpcap).fileError == .interfacesNotTold)
        #expect(try Reading(capture, backend: .automatic).frames.count == 3)
    }

    @Test func `what a file says of its interfaces takes bounded memory, over all its sections`()
        throws
    {
        var capture = CaptureBytes.section()
        for number in 0..<3 {
            let name = [UInt8](repeating: 0x61 + UInt8(number), count: 60_000)
            capture.interface(options: [
                .init(code: 2, value: name), .init(code: 3, value: name),
                .init(code: 1, value: name),
            ])
        }
        let reading = try Reading(capture)
        #expect(reading.interfaces.dropFirst().map { $0.name?.utf8.count } == [256, 256, 256])
        var many = CaptureBytes.section()
        for number in 0..<70_000 {
            if number % 10_000 == 9_999 { many.section(.little) }
            many.interface(options: [.init(code: 2, value: Array("if\(number)".utf8))])
        }
        #expect(try Reading(many).fileError == .tooManyInterfaces(limit: 65_536))
    }

    @Test func `a file with many interfaces is read, one with absurdly many is given up`() throws {
        var capture = CaptureBytes.section()
        for _ in 0..<65_536 { capture.interface() }
        capture.packet(1, [1], interface: 65_535)
        capture.interface()
        let reading = try Reading(capture)
        #expect(reading.frames.map(\.interface) == [65_535])
        #expect(reading.fileError == .tooManyInterfaces(limit: 65_536))
    }
}
