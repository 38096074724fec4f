internal import Coding
internal import Wire

/// A frame with its bytes, to be written down.
struct StoredFrame: BinaryCodable {
    private var bytes: [UInt8] = []
    private var wireLength = 0
    private var timestamp = Timestamp(nanoseconds: 0)
    private var linkType: UInt32 = 0
    /// See ``Frame/interface``.
    private(set) var interface: UInt32 = 0
    /// By its place among all files that were read.
    private var file: UInt16 = 0
    private var number: UInt64 = 0

    /// A longer frame cannot be kept.
    private static let lengthLimit = 16 << 20

    /// - Parameters:
    ///   - bytes: where its bytes are.
    ///   - files: how many files come before those of its reader.
    @unsafe
    init(_ record: RawRecord, _ bytes: UnsafeRawPointer, after files: UInt16) {
        let all = unsafe UnsafeRawBufferPointer(start: bytes, count: record.capturedLength)
        self.bytes = unsafe Array(all)
        wireLength = unsafe record.wireLength
        timestamp = unsafe record.timestamp
        linkType = unsafe record.linkType.rawValue
        interface = unsafe record.interface
        file = unsafe record.file &+ files
        number = unsafe record.number
    }

    init(from coder: inout BinaryCoder) {
        code(&coder)
        if !(0...Int(UInt32.max)).contains(wireLength) || number >= 1 << 48 { coder.fail() }
    }

    mutating func code(_ coder: inout BinaryCoder) {
        coder.list(&bytes, 0) { $1.byte(&$0) }
        if bytes.count > Self.lengthLimit { coder.fail() }
        coder(&wireLength)
        coder(&timestamp)
        coder(&linkType)
        coder(&interface)
        coder(&file)
        coder(&number)
    }

    /// Calls `body` with the frame as its reader had it.
    @unsafe
    func withRecord(after files: UInt16, _ body: (RawRecord) -> Void) {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            // An array without elements has no address.
            let none = unsafe UnsafePointer<UInt8>(bitPattern: 1).unsafelyUnwrapped
            unsafe body(
                RawRecord(
                    bytes: bytes.baseAddress ?? none, capturedLength: bytes.count,
                    wireLength: wireLength, timestamp: timestamp,
                    linkType: LinkType(rawValue: linkType), interface: interface,
                    file: file &- files, number: number, program: nil))
        }
    }
}
