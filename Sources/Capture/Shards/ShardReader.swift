public import Wire

/// A packet of a shard, borrowed from its reader.
public struct ShardFrame: ~Escapable {
    /// The frame as far as it was kept, with its file and number among those that were split together.
    public let frame: Frame
    /// Its place among them, from 1.
    public let ordinal: UInt64
    /// How many bytes of it were captured.
    public let capturedLength: Int
    /// The verdict on its transport checksum; nil where it was not asked for.
    public let checksum: ChecksumVerdict?
    /// The latest time of all frames up to this one; nil where the frame's own time tells enough.
    public let clock: Timestamp?

    @_lifetime(copy frame)
    fileprivate init(
        _ frame: consuming Frame, ordinal: UInt64, capturedLength: Int, _ origin: PacketOrigin
    ) {
        self.frame = frame
        self.ordinal = ordinal
        self.capturedLength = capturedLength
        checksum = origin.checksum
        clock = origin.clock
    }
}

/// Reads the pcapng file of a shard, as ``ShardWriter`` made it. Unlike a capture, it has to be whole.
@safe
public struct ShardReader: ~Copyable {
    private let path: String
    private var buffer: ReadBuffer
    private var window = unsafe ByteWindow.empty
    private let table: InterfaceTable
    private var interfaces: [Interface] = []
    /// Packets read so far.
    public private(set) var packetCount: UInt64 = 0
    private var lastOrdinal: UInt64 = 0

    private struct Interface {
        let linkType: LinkType
        let number: UInt32
        /// The captured length of longer packets: `SnapLen`.
        let limit: Int
    }

    /// Opens a file.
    ///
    /// - Parameter table: numbers the interfaces of all files that are read.
    public init(path: String, interfaces table: InterfaceTable) throws(CaptureError) {
        self.path = path
        self.table = table
        do { buffer = ReadBuffer(try ByteSource(path: path)) } catch {
            throw .file(path, offset: nil, frames: 0, error)
        }
    }

    /// Calls `body` with every packet to the end.
    public mutating func forEachPacket(
        _ body: (borrowing ShardFrame) -> Void
    ) throws(CaptureError) {
        while let length = try block() {
            let type = unsafe window.word(0, swapped: false)
            if type == BlockType.enhancedPacket {
                body(try packet(length))
                packetCount += 1
            } else if type == BlockType.interface {
                try describe(length)
            }
            unsafe window.position += length
        }
    }

    /// The length of the next block, all of which is in the window; nil at the end.
    @inline(__always)
    private mutating func block() throws(CaptureError) -> Int? {
        let held = try fill(12)
        if held == 0 { return nil }
        guard held >= 12 else { throw damage(.cut(.block, missing: Int64(12 - held))) }
        let length = unsafe window.word(4, swapped: false)
        guard length >= 12, length & 3 == 0 else { throw damage(.blockLength(length)) }
        guard length <= ShardFormat.blockLimit else {
            throw damage(.blockTooLong(length, limit: UInt32(ShardFormat.blockLimit)))
        }
        let all = try fill(Int(length))
        guard all >= Int(length) else {
            throw damage(.cut(.block, missing: Int64(Int(length) - all)))
        }
        let again = unsafe window.word(Int(length) - 4, swapped: false)
        guard again == length else { throw damage(.blockLengths(length, again)) }
        return Int(length)
    }

    @inline(__always)
    private mutating func fill(_ size: Int) throws(CaptureError) -> Int {
        if unsafe window.count >= size { return unsafe window.count }
        do { return try unsafe buffer.fill(&window, size, given: 0) } catch { throw damage(error) }
    }

    private func damage(_ error: FileError) -> CaptureError {
        .file(path, offset: nil, frames: packetCount, error)
    }

    /// Reads a packet, which is valid until the window moves.
    @_lifetime(immortal)
    @inline(__always)
    private mutating func packet(_ length: Int) throws(CaptureError) -> ShardFrame {
        guard length >= 32 else { throw damage(.blockTooShort(type: BlockType.enhancedPacket)) }
        let index = unsafe window.word(8, swapped: false)
        guard index < interfaces.count else { throw damage(.unknownInterface(index)) }
        let interface = interfaces[Int(index)]
        let captured = unsafe Int(window.word(20, swapped: false))
        let padded = (captured + 3) & ~3
        guard padded <= length - 32 else {
            throw damage(.blockTooShort(type: BlockType.enhancedPacket))
        }
        let wireLength = unsafe Int(window.word(24, swapped: false))
        var origin = PacketOrigin(
            capturedLength: max(captured, min(wireLength, interface.limit)))
        // Most packets have their place alone.
        let options = 28 + padded
        if length == options + 16,
            unsafe window.word(options, swapped: false) == ShardFormat.packetIDHead
        {
            let low = unsafe UInt64(window.word(options + 4, swapped: false))
            origin.ordinal = unsafe UInt64(window.word(options + 8, swapped: false)) << 32 | low
        } else {
            unsafe origin.read(
                BlockOptions(window, from: options, blockLength: length, swapped: false))
        }
        // A shard's packets have their order.
        guard origin.ordinal > lastOrdinal else { throw damage(.interfaceOption(code: 5)) }
        lastOrdinal = origin.ordinal
        let high = unsafe UInt64(window.word(12, swapped: false))
        let low = unsafe UInt64(window.word(16, swapped: false))
        let start = unsafe (window.position + 28).assumingMemoryBound(to: UInt8.self)
        let bytes = unsafe Span<UInt8>(_unsafeStart: start, count: captured)
        let frame = unsafe Frame(
            bytes: _overrideLifetime(bytes, borrowing: ()), wireLength: wireLength,
            timestamp: Timestamp(nanoseconds: Int64(bitPattern: high << 32 | low)),
            linkType: interface.linkType, interface: interface.number, file: origin.file,
            number: origin.number ?? origin.ordinal)
        return ShardFrame(
            frame, ordinal: origin.ordinal, capturedLength: origin.capturedLength, origin)
    }

    private mutating func describe(_ length: Int) throws(CaptureError) {
        guard length >= 20 else { throw damage(.blockTooShort(type: BlockType.interface)) }
        // An interface may be there twice.
        guard interfaces.count < 2 * Section.limit else {
            throw damage(.tooManyInterfaces(limit: 2 * Section.limit))
        }
        var name = ""
        var occurrence = 0
        var options = unsafe BlockOptions(window, from: 16, blockLength: length, swapped: false)
        while let option = unsafe options.next(), unsafe option.code != 0 {
            switch unsafe option.code {
            case ShardFormat.name: name = unsafe option.text(limit: Section.nameLimit)
            case ShardFormat.custom:
                if let value = unsafe option.custom(ShardFormat.interfaceOption) {
                    occurrence = unsafe Int(value.word(0, swapped: false))
                }
            default: break
            }
        }
        let linkType = unsafe LinkType(rawValue: UInt32(window.half(8, swapped: false)))
        let number = table.number(InterfaceName(name: name, occurrence: occurrence))
        let limit = unsafe Int(window.word(12, swapped: false))
        interfaces.append(
            Interface(linkType: linkType, number: number, limit: limit == 0 ? .max : limit))
    }
}

/// What a packet's options say of the frame that it was.
private struct PacketOrigin {
    var ordinal: UInt64 = 0
    var file: UInt16 = 0
    var number: UInt64?
    var capturedLength: Int
    var checksum: ChecksumVerdict?
    var clock: Timestamp?

    /// - Parameter capturedLength: what holds unless an option tells it.
    init(capturedLength: Int) { self.capturedLength = capturedLength }

    @inline(__always)
    mutating func read(_ all: BlockOptions) {
        var options = unsafe all
        while let option = unsafe options.next(), unsafe option.code != 0 {
            switch unsafe option.code {
            case ShardFormat.packetID: ordinal = unsafe option.number(swapped: false) ?? 0
            case ShardFormat.custom:
                if let value = unsafe option.custom(ShardFormat.shortPacketOption) {
                    capturedLength = unsafe Int(value.word(0, swapped: false))
                }
                if let value = unsafe option.custom(ShardFormat.clockOption) {
                    let low = unsafe UInt64(value.word(0, swapped: false))
                    let word = unsafe UInt64(value.word(4, swapped: false)) << 32 | low
                    clock = Timestamp(nanoseconds: Int64(bitPattern: word))
                }
                guard let value = unsafe option.custom(ShardFormat.packetOption) else { continue }
                capturedLength = unsafe Int(value.word(0, swapped: false))
                file = unsafe value.half(4, swapped: false)
                checksum = unsafe ChecksumVerdict(code: value.half(6, swapped: false))
                let low = unsafe UInt64(value.word(8, swapped: false))
                number = unsafe UInt64(value.word(12, swapped: false)) << 32 | low
            default: break
            }
        }
    }
}

extension BlockOptions.Option {
    /// What stands behind our enterprise number, so many bytes; nil for another's option.
    fileprivate func custom(_ size: Int) -> ByteWindow? {
        guard unsafe value.count == size + 4, let start = unsafe value.baseAddress else {
            return nil
        }
        let window = unsafe ByteWindow(position: start, end: start + value.count)
        guard unsafe window.word(0, swapped: false) == ShardFormat.enterprise else { return nil }
        return unsafe ByteWindow(position: start + 4, end: window.end)
    }
}
