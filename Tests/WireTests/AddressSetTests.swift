import Testing
import Wire

struct AddressSetTests {
    // Ranges as `ipcalc` gives them.
    @Test(arguments: [
        ("10.1.1.2", "10.1.1.2", true), ("10.1.1.2", "10.1.1.3", false),
        ("10.1.0.0/16", "10.1.255.255", true), ("10.1.0.0/16", "10.2.0.0", false),
        ("10.1.77.9/16", "10.1.0.1", true), ("0.0.0.0/0", "255.255.255.255", true),
        ("192.0.2.128/25", "192.0.2.128", true), ("192.0.2.128/25", "192.0.2.127", false),
        ("192.0.2.1/32", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.0", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true),
        ("2001:db8::/65", "2001:db8::8000:0:0:0", false), ("2001:db8::1/128", "2001:db8::1", true),
        ("2001:db8::1/128", "2001:db8::2", false), ("::/0", "ffff::1", true),
        // The families are apart: RFC 4291, section 2.5.5.2, maps one into the other, prefixes do not.
        ("::/0", "10.1.1.1", false), ("0.0.0.0/0", "::1", false),
    ])
    func `A prefix has the addresses that begin with it`(
        _ text: String, _ address: String, _ isIn: Bool
    ) throws {
        var set = AddressSet()
        let isAdded = set.add(text)
        #expect(isAdded)
        #expect(set.contains(try #require(Address(address))) == isIn)
    }

    @Test(arguments: [
        "", "/", "10.1.1.1/", "/16", "10.1.1.1/33", "10.1.1.1/-1", "::1/129", "10.1.1/16",
        "10.1.1.1/1/1", "10.1.1.1/x", "host",
    ])
    func `What is none is not added`(_ text: String) {
        var set = AddressSet()
        let isAdded = set.add(text)
        #expect(!isAdded)
        #expect(set.isEmpty)
    }
}
