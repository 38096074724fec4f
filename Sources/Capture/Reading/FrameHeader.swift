public import Wire

/// A ``Frame`` without its bytes: what the capture says of it.
@frozen
public struct FrameHeader: Sendable {
    /// See ``Frame/wireLength``.
    public let wireLength: Int
    /// See ``Frame/timestamp``.
    public let timestamp: Timestamp
    /// See ``Frame/number``.
    public let number: UInt64
    /// See ``Frame/linkType``.
    public let linkType: LinkType
    /// See ``Frame/interface``.
    public let interface: UInt32
    /// See ``Frame/file``.
    public let file: UInt16

    @inlinable @inline(__always)
    init(_ frame: borrowing Frame) {
        wireLength = frame.wireLength
        timestamp = frame.timestamp
        number = frame.number
        linkType = frame.linkType
        interface = frame.interface
        file = frame.file
    }

    /// - Parameter cursor: what stepped over the record.
    @inlinable @inline(__always)
    init(_ record: FileCursor.PlainRecord, of cursor: borrowing FileCursor) {
        wireLength = unsafe Int(record.wireLength)
        timestamp = unsafe record.timestamp
        number = unsafe cursor.number
        linkType = unsafe cursor.linkType
        interface = 0
        file = unsafe cursor.file
    }
}
