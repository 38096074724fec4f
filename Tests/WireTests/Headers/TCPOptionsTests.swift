import TestKit
import Testing
import Wire

@Suite struct TCPOptionsTests {
    func read(_ bytes: [UInt8], isCut: Bool = false) -> TCPOptions {
        var options = leftovers.options
        options.read(bytes.span, isCut: isCut)
        return options
    }

    @Test func `the SYN of a Linux host`() {
        // MSS 1460, SACK permitted, timestamps, NOP, window scale 7.
        let options = read([UInt8](hex: "020405b4 0402 080a 9aa1b2c3 00000000 01 030307"))
        #expect(
            options.present == [.maximumSegmentSize, .sackPermitted, .timestamps, .windowScale])
        #expect(options.maximumSegmentSize == 1460)
        #expect(options.windowScale == 7)
        #expect(options.timestampValue == 0x9aa1_b2c3)
        #expect(options.timestampEcho == 0)
    }

    @Test func `the first SACK block is kept`() {
        let options = read([UInt8](hex: "0101 0512 fffffff0 00000010 00000100 00000200"))
        #expect(options.present == .sack)
        #expect(options.sackLeft == SequenceNumber(0xffff_fff0))
        #expect(options.sackRight == SequenceNumber(0x10))
    }

    @Test(arguments: [
        ("2202", 0), ("2206 01020304", 4), ("220a 0102030405060708", 8),
        ("fe04 f989", 0), ("fe0c f989 0102030405060708", 8),
    ])
    func `fast open, registered and experimental`(hex: String, cookieLength: UInt8) {
        let options = read([UInt8](hex: hex))
        #expect(options.present == .fastOpen)
        #expect(options.fastOpenCookieLength == cookieLength)
    }

    @Test func `a shift count above 14 is 14`() {
        // RFC 7323, section 2.3.
        #expect(read([3, 3, 14]).windowScale == 14)
        #expect(read([3, 3, 15]).windowScale == 14)
        #expect(read([3, 3, 255]).windowScale == 14)
    }

    @Test func `other experiments and unknown kinds are passed over`() {
        #expect(read([UInt8](hex: "fe04 1234 020405b4")).present == .maximumSegmentSize)
        #expect(read([UInt8](hex: "630a 0102030405060708 030307")).present == .windowScale)
    }

    @Test func `MD5 and TCP-AO are signatures`() {
        // RFC 2385, section 3.0; RFC 5925, section 2.2.
        let signed: TCPOptions.Present = [.signature, .sackPermitted]
        #expect(read([19, 18] + [UInt8](repeating: 0, count: 16) + [4, 2]).present == signed)
        #expect(read([29, 16] + [UInt8](repeating: 0, count: 14) + [4, 2]).present == signed)
        #expect(
            read([19, 17] + [UInt8](repeating: 0, count: 15) + [4, 2]).present == .sackPermitted)
    }

    @Test func `multipath`() {
        // MP_CAPABLE, RFC 8684, section 3.1.
        #expect(read([UInt8](hex: "1e0c 0081 0102030405060708")).present == .multipath)
    }

    @Test func `the end of the list ends it`() {
        #expect(read([UInt8](hex: "0402 00 020405b4 01")).present == .sackPermitted)
    }

    @Test func `of equal options the last counts`() {
        #expect(read([UInt8](hex: "020405b4 02040218")).maximumSegmentSize == 536)
    }

    /// RFC 9293, section 3.1: a length below 2 or beyond the header is malformed.
    @Test(arguments: [
        "0200", "0201", "02", "0204 05", "0402 0300", "0402 08 0b 00000000 00000000", "0101 0522",
        "fe02 fe01", "0402 63ff",
    ])
    func `malformed lengths end the list`(hex: String) {
        let options = read([UInt8](hex: hex))
        #expect(options.present.contains(.incomplete))
        #expect(options.present.subtracting([.incomplete, .sackPermitted]).isEmpty)
    }

    @Test(arguments: ["0203 05", "0304 0707", "0403 00", "0506 00000000", "0806 00000000", "1e02"])
    func `a wrong length of a known kind is passed over`(hex: String) {
        let options = read([UInt8](hex: hex + "0402"))
        // The 4 in "0403 00" is itself the kind that follows.
        #expect(options.present == [.incomplete, .sackPermitted])
    }

    @Test func `a list without flaw is never called incomplete`() {
        let options: [TCPOption] = [
            .maximumSegmentSize(1), .windowScale(2), .sackPermitted, .timestamps(value: 3, echo: 4),
            .fastOpen([5, 6, 7, 8]), .noOperation, .raw([30, 3, 9]),
        ]
        var bytes: [UInt8] = []
        for option in options {
            bytes += option.bytes
            #expect(!read(bytes).present.contains(.incomplete))
            #expect(read(bytes, isCut: true).present.contains(.incomplete))
        }
        #expect(read(bytes).present.rawValue == 0x7f & ~TCPOptions.Present.sack.rawValue)
    }

    @Test func `a list cut anywhere keeps what is whole`() {
        let bytes = [UInt8](hex: "020405b4 0402 080a 9aa1b2c3 00000001 01 030307")
        let ends: [(Int, TCPOptions.Present)] = [
            (4, .maximumSegmentSize), (6, .sackPermitted), (16, .timestamps), (20, .windowScale),
        ]
        for length in 0...bytes.count {
            var expected: TCPOptions.Present = length < bytes.count ? .incomplete : []
            for (end, option) in ends where length >= end { expected.insert(option) }
            let options = read(Array(bytes.prefix(length)), isCut: length < bytes.count)
            #expect(options.present == expected)
        }
    }

    @Test func `leftovers do not make options differ`() {
        var a = TCPOptions()
        var b = leftovers.options
        b.present = []
        #expect(a == b)
        a.present = .timestamps
        b.present = .timestamps
        b.timestampValue = 1
        #expect(a != b)
        a.timestampValue = 1
        #expect(a == b)
    }
}
