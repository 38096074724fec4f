/// Addresses, one by one or by their prefixes: `10.1.1.2`, `10.1.0.0/16`, `2001:db8::/32`.
public struct AddressSet: Hashable, Sendable {
    private var addresses: Set<Address> = []
    private var prefixes: Set<AddressPrefix> = []

    /// Without any.
    public init() {}

    /// Of single addresses.
    public init(_ addresses: some Sequence<Address>) { self.addresses = Set(addresses) }

    /// Whether there are none.
    public var isEmpty: Bool { addresses.isEmpty && prefixes.isEmpty }

    /// Whether an address is among them. O(1) for single addresses, O(n) in the number of prefixes.
    public func contains(_ address: Address) -> Bool {
        addresses.contains(address) || prefixes.contains { $0.contains(address) }
    }

    /// The set with other addresses, for replacements that keep the prefixes in it.
    public func replacingAddresses(_ replacement: (Address) -> Address) -> AddressSet {
        var set = AddressSet(addresses.map(replacement))
        set.prefixes = Set(prefixes.map { $0.replacingAddress(replacement) })
        return set
    }

    /// Adds an address or a prefix by its text; returns false, and adds nothing, where it is neither.
    public mutating func add(_ text: some StringProtocol) -> Bool {
        if let address = Address(text) {
            addresses.insert(address)
        } else if let prefix = AddressPrefix(text) {
            prefixes.insert(prefix)
        } else {
            return false
        }
        return true
    }
}

extension AddressSet: ExpressibleByArrayLiteral {
    /// Of single addresses.
    public init(arrayLiteral elements: Address...) { self.init(elements) }
}

/// The addresses that begin with the same bits. RFC 4632, section 3.1; RFC 4291, section 2.3.
public struct AddressPrefix: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    private let isIPv4: Bool
    /// Bits of the 128 that decide: an IPv4 address has 96 before its own.
    private let length: Int

    /// Reads `ADDRESS/LENGTH`; bits behind the length are ignored. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Address(parts[0]),
            let bits = Int(parts[1]), bits >= 0, bits <= (address.isIPv4 ? 32 : 128)
        else { return nil }
        isIPv4 = address.isIPv4
        length = address.isIPv4 ? 96 + bits : bits
        high = address.high & AddressPrefix.mask(length)
        low = address.low & AddressPrefix.mask(length - 64)
    }

    private init(_ address: Address, length: Int) {
        isIPv4 = address.isIPv4
        self.length = length
        high = address.high & AddressPrefix.mask(length)
        low = address.low & AddressPrefix.mask(length - 64)
    }

    fileprivate func replacingAddress(_ replacement: (Address) -> Address) -> AddressPrefix {
        AddressPrefix(replacement(Address(high: high, low: low)), length: length)
    }

    /// Whether an address begins with the bits.
    public func contains(_ address: Address) -> Bool {
        address.isIPv4 == isIPv4 && address.high & AddressPrefix.mask(length) == high
            && address.low & AddressPrefix.mask(length - 64) == low
    }

    /// The first bits of a half; none for a count below 1, all for one above 63.
    private static func mask(_ bits: Int) -> UInt64 {
        bits <= 0 ? 0 : bits >= 64 ? .max : ~(.max >> UInt64(bits))
    }
}
