public import Wire

/// One captured packet, borrowed from its reader: valid until the reader is asked for the next one.
///
/// Nothing is copied. The compiler refuses code that keeps a frame, or its bytes, for longer.
public struct Frame: ~Escapable {
    /// The captured bytes, from the link-layer header on; possibly fewer than were on the wire.
    public let bytes: Span<UInt8>
    /// The packet's length on the wire in bytes. A damaged file may claim less than was captured.
    public let wireLength: Int
    /// When the packet was captured.
    public let timestamp: Timestamp
    /// How `bytes` begins.
    public let linkType: LinkType
    /// The index in ``CaptureReader/interfaces`` of the interface that saw the packet; 0 for files
    /// that name none.
    public let interface: UInt32
    /// The index of the file in the list given to the reader.
    public let file: UInt16
    /// The frame's number in its file, from 1, as Wireshark counts it: frames that a filter skips
    /// are counted too.
    public let number: UInt64

    /// Joins bytes with what the capture says about them.
    @inlinable
    @_lifetime(copy bytes)
    public init(
        bytes: Span<UInt8>, wireLength: Int, timestamp: Timestamp, linkType: LinkType,
        interface: UInt32, file: UInt16, number: UInt64
    ) {
        self.bytes = bytes
        self.wireLength = wireLength
        self.timestamp = timestamp
        self.linkType = linkType
        self.interface = interface
        self.file = file
        self.number = number
    }

    /// Lends out a record. The caller ties the frame to the memory's owner.
    @_lifetime(immortal)
    init(_ record: RawRecord) {
        let bytes = unsafe Span<UInt8>(_unsafeStart: record.bytes, count: record.capturedLength)
        self.bytes = unsafe _overrideLifetime(bytes, borrowing: ())
        wireLength = unsafe record.wireLength
        timestamp = unsafe record.timestamp
        linkType = unsafe record.linkType
        interface = unsafe record.interface
        file = unsafe record.file
        number = unsafe record.number
    }
}
