public import TCPState
public import Wire

/// A ``SYNCacheEntry`` as it is kept: in 64 bytes, a cache line.
@frozen
@usableFromInline
struct PackedSYN: StoreEntry {
    @usableFromInline let time: Timestamp
    @usableFromInline let frame: UInt64
    @usableFromInline let scope: UInt32
    @usableFromInline let serial: UInt32
    @usableFromInline let stream: UInt32
    @usableFromInline let sequenceNumber: SequenceNumber
    @usableFromInline let timestampValue: UInt32
    /// From the lowest bit: the control bits (9), the options (9), the window's scale (8), the sender, whether the addresses are
    /// kept elsewhere, whether it is shared, whether it is in use.
    @usableFromInline var bits: UInt32
    /// The lower address, or the place of both.
    @usableFromInline let low: UInt32
    /// The higher address.
    @usableFromInline let high: UInt32
    @usableFromInline let lowPort: UInt16
    @usableFromInline let highPort: UInt16
    @usableFromInline let window: UInt16
    @usableFromInline let packetLength: UInt16
    @usableFromInline let identification: UInt16
    @usableFromInline let maximumSegmentSize: UInt16
    @usableFromInline let hardwareSource: UInt16
    @usableFromInline let timeToLive: UInt8

    /// Packs an entry.
    ///
    /// - Parameter place: where its addresses are kept; nil if both are of IPv4.
    @inlinable
    init(_ entry: SYNCacheEntry, place: UInt32?) {
        time = entry.time
        frame = entry.frame
        scope = entry.scope
        serial = entry.serial
        stream = entry.stream
        sequenceNumber = entry.sequenceNumber
        timestampValue = entry.timestampValue
        bits =
            UInt32(entry.flags.rawValue & 0x1ff) | UInt32(entry.options.rawValue & 0x1ff) << 9
            | UInt32(entry.windowScale) << 18 | UInt32(entry.sender.rawValue) << 26
            | (place == nil ? 0 : PackedSYN.longBit) | (entry.isShared ? PackedSYN.sharedBit : 0)
            | PackedSYN.liveBit
        low = place ?? UInt32(truncatingIfNeeded: entry.key.low.low)
        high = UInt32(truncatingIfNeeded: entry.key.high.low)
        lowPort = entry.key.lowPort
        highPort = entry.key.highPort
        window = entry.window
        packetLength = entry.packetLength
        identification = entry.identification
        maximumSegmentSize = entry.maximumSegmentSize
        hardwareSource = entry.hardwareSource
        timeToLive = entry.timeToLive
    }

    @inlinable static var longBit: UInt32 { 1 << 27 }
    @inlinable static var sharedBit: UInt32 { 1 << 28 }
    @inlinable static var liveBit: UInt32 { 1 << 29 }

    @inlinable
    var isLive: Bool {
        get { bits & PackedSYN.liveBit != 0 }
        set { bits = bits & ~PackedSYN.liveBit | (newValue ? PackedSYN.liveBit : 0) }
    }

    @inlinable
    var isShared: Bool {
        get { bits & PackedSYN.sharedBit != 0 }
        set { bits = bits & ~PackedSYN.sharedBit | (newValue ? PackedSYN.sharedBit : 0) }
    }

    /// Where its addresses are kept; nil if both are of IPv4.
    @inlinable
    var place: UInt32? { bits & PackedSYN.longBit == 0 ? nil : low }

    @inlinable
    var sender: Side { bits >> 26 & 1 == 0 ? .low : .high }
}
