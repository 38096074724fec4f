public import Wire

/// What was wrong with a capture file, in numbers. ``CaptureError`` makes the text.
public enum FileError: Error, Hashable, Sendable {
    /// The part of a file that its end cuts.
    public enum Part: Hashable, Sendable {
        /// The file header of classic pcap, or the first section header of pcapng.
        case fileHeader
        /// The header of a record.
        case recordHeader
        /// The captured bytes of a record.
        case record
        /// A pcapng block.
        case block
    }

    /// Opening failed; the number is `errno`.
    case cannotOpen(errorNumber: Int32)
    /// Reading failed halfway; the number is `errno`.
    case cannotRead(errorNumber: Int32)
    /// Unpacking stopped; the place is a byte of the packed file.
    case packed(Compression, Compression.Damage)
    /// The path is a directory.
    case directory
    /// The file has no bytes.
    case empty
    /// The file is something else.
    case notCapture(FileKind)
    /// A capture of a version that nobody has defined.
    case version(major: UInt16, minor: UInt16)
    /// The file ends inside a part, which has `missing` bytes more.
    case cut(Part, missing: Int64)
    /// A record claims more captured bytes than its link type or its interface allows.
    case capturedLength(UInt32, limit: UInt32)
    /// A pcapng block has a length that is below 12 or no multiple of 4.
    case blockLength(UInt32)
    /// A pcapng block is longer than any block is believed to be.
    case blockTooLong(UInt32, limit: UInt32)
    /// A pcapng block's two lengths differ.
    case blockLengths(UInt32, UInt32)
    /// A pcapng block of the type is too short for what it must contain.
    case blockTooShort(type: UInt32)
    /// A pcapng section's byte-order magic is neither order's.
    case byteOrder(UInt32)
    /// An option of an interface description is malformed.
    case interfaceOption(code: UInt16)
    /// A packet names an interface that its section has not described.
    case unknownInterface(UInt32)
    /// A section describes more interfaces than are believed.
    case tooManyInterfaces(limit: Int)
    /// libpcap does not tell which of several interfaces a packet was seen on.
    case interfacesNotTold
    /// The filter does not compile for this link type; the text is libpcap's.
    case filter(LinkType, String)
    /// libpcap, asked to read the file, gave up; the text is its own.
    case libpcap(String)

    /// Whether a file looks so while it is still being written.
    var isCut: Bool {
        switch self {
        case .cut, .packed(_, .cut), .empty: true
        default: false
        }
    }
}
