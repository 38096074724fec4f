/// What the files of shards add to pcapng: custom options that other readers pass over.
///
/// draft-ietf-opsawg-pcapng, sections 3.5.1 and 4.3. Their enterprise number is the one for examples (RFC 5612): no
/// other is registered for this program.
enum ShardFormat {
    /// `opt_custom` with bytes, which copies of the packet may keep.
    static let custom: UInt16 = 2989
    static let enterprise: UInt32 = 32_473
    /// `epb_packetid`: the frame's place among all that were split together, from 1.
    static let packetID: UInt16 = 5
    /// Its code and the length of its value, 8, as a number.
    static let packetIDHead = 8 << 16 | UInt32(packetID)
    static let name: UInt16 = 2
    static let resolution: UInt16 = 9

    /// Bytes behind the enterprise number in a packet's custom option: captured length (4), and where that is not all,
    /// file (2), verdict on the checksum (2), number in the file (8); little-endian.
    static let packetOption = 16
    /// Where the captured length is all, and is neither that on the wire nor the interface's `SnapLen`.
    static let shortPacketOption = 4
    /// In one more: the latest time of all frames up to this one (8), where timers ran on it and not on the packet's own.
    static let clockOption = 8
    /// In an interface's: how many of its name were described before (4).
    static let interfaceOption = 4
    /// The longest block.
    static let blockLimit = 1 << 20
}

/// What tells a capture's interfaces apart.
public struct InterfaceName: Hashable, Sendable {
    /// `if_name`, or "".
    public let name: String
    /// How many of the name the section described before.
    public let occurrence: Int

    /// Joins the two.
    public init(name: String, occurrence: Int) {
        self.name = name
        self.occurrence = occurrence
    }
}

/// What the interfaces of a reader are called, those that it has met so far.
public struct InterfaceNames {
    let table: InterfaceTable

    /// The name of one, by its number in ``Frame/interface``.
    public subscript(number: UInt32) -> InterfaceName { table.names[Int(number)] }
}
