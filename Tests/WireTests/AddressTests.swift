import Testing
import Wire

@Suite struct AddressTests {
    /// Written and canonical form; the first rows are from RFC 5952, sections 1, 2 and 4.
    static let canonical: [(String, String)] = [
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
        ("2001:db8:0:0:0::1", "2001:db8::1"),
        ("2001:db8:aaaa:bbbb:cccc:dddd:0:1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:DB8::ABCD", "2001:db8::abcd"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fe80::", "fe80::"),
        ("0:0:0:0:0:0:0:0", "::"), ("1:0:0:0:0:0:0:0", "1::"), ("0:0:0:0:0:0:0:1", "::1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"),
        ("0:0:1:0:0:1:0:0", "::1:0:0:1:0:0"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"),
        ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("10.1.0.1", "10.1.0.1"),
    ]

    @Test(arguments: canonical)
    func `addresses print in canonical form`(written: String, canonical: String) throws {
        let address = try #require(Address(written))
        #expect(address.description == canonical)
        #expect(Address(canonical) == address)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.", ".1.2.3",
        "1.2.3.4 ", " 1.2.3.4", "1..2.3", "+1.2.3.4", "a.b.c.d", "1234.1.1.1", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1::2::3", "::1::", "12345::", "g::", "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8", "1:", ":1", "1:2:3:4:5:6:7:", "fe80::1%eth0", "[::1]", "::1.2.3",
        "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::ffff:1.2.3.400", "1:::2",
    ])
    func `other text is no address`(text: String) {
        #expect(Address(text) == nil)
    }

    @Test func `ports follow as RFC 5952 section 6 recommends`() {
        #expect(Address(ipv4: 0x0a01_0001).text(port: 4321) == "10.1.0.1:4321")
        #expect(Address("fd00::2")!.text(port: 80) == "[fd00::2]:80")
        #expect(Address("::")!.text(port: 0) == "[::]:0")
    }

    @Test func `families are told apart`() {
        #expect(Address("1.2.3.4")! == Address(ipv4: 0x0102_0304))
        #expect(Address("1.2.3.4")!.isIPv4)
        #expect(!Address("::1.2.3.4")!.isIPv4)
        #expect(!Address("1::ffff:1.2.3.4")!.isIPv4)
    }

    @Test func `addresses are ordered by value`() {
        let text = ["9.0.0.1", "10.0.0.1", "::", "::1", "1::", "fe80::1", "2001:db8::"]
        let sorted = text.map { Address($0)! }.sorted().map(\.description)
        #expect(
            sorted == ["::", "::1", "9.0.0.1", "10.0.0.1", "1::", "2001:db8::", "fe80::1"])
    }

    @Test func `a slice of text will do`() {
        let text = "from 10.0.0.1 to fe80::1"
        let words = text.split(separator: " ")
        #expect(Address(words[1]) == Address(ipv4: 0x0a00_0001))
        #expect(Address(words[3])?.description == "fe80::1")
    }
}
