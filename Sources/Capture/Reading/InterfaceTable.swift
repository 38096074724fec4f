/// Numbers the interfaces of all files and sections, so that equal ones have equal numbers.
///
/// Two descriptions are the same interface if they have the same name and are equally many-th of
/// that name in their section: rotated files go on where the last one stopped, and two hosts' `eth0`
/// in one merged file stay apart.
public final class InterfaceTable {
    /// The nameless interface, which classic pcap means, is there from the beginning.
    private var numbers = [InterfaceName(name: "", occurrence: 0): UInt32(0)]
    /// The interfaces by number.
    public private(set) var names = [InterfaceName(name: "", occurrence: 0)]

    /// The nameless interface alone.
    public init() {}

    /// Interfaces that have their numbers already, in order.
    public init(_ names: [InterfaceName]) {
        for name in names { _ = number(name) }
    }

    /// How many interfaces there are.
    var count: Int { numbers.count }

    /// The number of an interface, new or known.
    func number(_ key: InterfaceName) -> UInt32 {
        if let known = numbers[key] { return known }
        let new = UInt32(truncatingIfNeeded: numbers.count)
        numbers[key] = new
        names.append(key)
        return new
    }
}
