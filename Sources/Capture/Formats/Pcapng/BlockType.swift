/// The block types of pcapng that are not skipped.
enum BlockType {
    static let section: UInt32 = 0x0a0d_0d0a
    static let interface: UInt32 = 1
    /// The obsolete Packet Block.
    static let packet: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let interfaceStatistics: UInt32 = 5
    static let enhancedPacket: UInt32 = 6

    /// Whether Wireshark gives blocks of this type, which hold no packet, a frame number: those of
    /// private use, which may be copied or not, and systemd's journal.
    static func isNumbered(_ type: UInt32) -> Bool {
        type == 0x0bad || type == 0x4000_0bad || type == 9
    }
}
