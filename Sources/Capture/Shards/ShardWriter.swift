public import Wire

/// Makes the pcapng file of a shard: of each packet the headers, with its place, its file and number, and how much of
/// it was captured.
@safe
public struct ShardWriter: ~Copyable {
    /// What a frame was before it was cut.
    public struct Origin {
        /// Its place among all that are split together, from 1.
        public var ordinal: UInt64
        /// The verdict on its transport checksum; nil where nobody asks.
        public var checksum: ChecksumVerdict?
        /// The latest time of all frames up to this one; nil where the frame's own time tells enough.
        public var clock: Timestamp?

        /// Joins the two.
        public init(ordinal: UInt64, checksum: ChecksumVerdict? = nil) {
            self.ordinal = ordinal
            self.checksum = checksum
        }
    }

    /// Has room for a block behind what is gathered.
    private let memory: UnsafeMutableRawPointer
    private var count = 0
    /// Interfaces described so far.
    private var interfaceCount: UInt32 = 0
    /// Their indices, by number and link type.
    private var interfaces: [UInt64: Indices] = [:]
    private var last: (key: UInt64, indices: Indices) = (.max, Indices())

    /// An interface is described once for packets that were captured to their ends, and once for those that were cut, with
    /// the captured length of the first as `SnapLen`: no option has to tell the captured length of most.
    private struct Indices {
        var whole: UInt32?
        var cut: UInt32?
        var limit = 0
    }

    /// - Parameter size: bytes that are gathered before they are to be taken away.
    public init(size: Int) {
        unsafe memory = .allocate(byteCount: size + ShardFormat.blockLimit, alignment: 16)
        section()
    }

    deinit { unsafe memory.deallocate() }

    /// Bytes that are there to be taken.
    public var size: Int { count }

    /// Calls `body` with the bytes so far, whole blocks, and forgets them.
    public mutating func drain(_ body: (Span<UInt8>) -> Void) {
        let start = unsafe memory.assumingMemoryBound(to: UInt8.self)
        body(unsafe Span(_unsafeStart: start, count: count))
        count = 0
    }

    /// Adds a frame.
    ///
    /// - Parameters:
    ///   - length: bytes of it that are kept; no block is longer than 1 MiB.
    ///   - name: the name of an interface, if it is needed.
    public mutating func append(
        _ frame: borrowing Frame, length: Int, _ origin: Origin,
        name: (UInt32) -> InterfaceName
    ) {
        let captured = frame.bytes.count
        let kept = min(length, captured, ShardFormat.blockLimit - 512)
        let (interface, limit) = interface(frame, name)
        let start = count
        word(BlockType.enhancedPacket)
        word(0)
        word(interface)
        let units = UInt64(bitPattern: frame.timestamp.nanoseconds)
        word(UInt32(truncatingIfNeeded: units >> 32))
        word(UInt32(truncatingIfNeeded: units))
        word(UInt32(kept))
        word(UInt32(clamping: max(frame.wireLength, captured)))
        unsafe frame.bytes.withUnsafeBytes { bytes in
            unsafe copy(UnsafeRawBufferPointer(start: bytes.baseAddress, count: kept))
        }
        word(ShardFormat.packetIDHead)
        long(origin.ordinal)
        if frame.file != 0 || frame.number != origin.ordinal || origin.checksum != nil {
            custom(ShardFormat.packetOption)
            word(UInt32(clamping: captured))
            half(frame.file)
            half(origin.checksum.map(\.code) ?? 0)
            long(frame.number)
        } else if captured < frame.wireLength && captured != limit {
            custom(ShardFormat.shortPacketOption)
            word(UInt32(clamping: captured))
        }
        if let clock = origin.clock {
            custom(ShardFormat.clockOption)
            long(UInt64(bitPattern: clock.nanoseconds))
        }
        end(start)
    }

    // MARK: Blocks

    private mutating func section() {
        word(BlockType.section)
        word(0)
        word(0x1a2b_3c4d)
        half(1)
        half(0)
        long(.max)
        end(0)
    }

    /// The index of a frame's interface, which is described first if it is new, and its longest captured length.
    @inline(__always)
    private mutating func interface(
        _ frame: borrowing Frame, _ name: (UInt32) -> InterfaceName
    ) -> (index: UInt32, limit: Int) {
        let key = UInt64(frame.interface) << 32 | UInt64(frame.linkType.rawValue)
        let captured = frame.bytes.count
        if key == last.key {
            if captured >= frame.wireLength, let whole = last.indices.whole { return (whole, .max) }
            if captured == last.indices.limit, let cut = last.indices.cut { return (cut, captured) }
        }
        return find(key, frame, name)
    }

    private mutating func find(
        _ key: UInt64, _ frame: borrowing Frame, _ name: (UInt32) -> InterfaceName
    ) -> (index: UInt32, limit: Int) {
        var indices = interfaces[key] ?? Indices()
        let captured = frame.bytes.count
        if captured > 0, captured < frame.wireLength, indices.cut == nil {
            (indices.cut, indices.limit) = (interfaceCount, captured)
            describe(frame.linkType, limit: captured, name(frame.interface))
        }
        let isCut =
            indices.cut != nil && captured < frame.wireLength && captured <= indices.limit
        if !isCut, indices.whole == nil {
            indices.whole = interfaceCount
            describe(frame.linkType, limit: 0, name(frame.interface))
        }
        interfaces[key] = indices
        last = (key, indices)
        if isCut, let cut = indices.cut { return (cut, indices.limit) }
        return (indices.whole ?? 0, .max)
    }

    /// - Parameter limit: as `SnapLen`; 0 for none.
    private mutating func describe(_ linkType: LinkType, limit: Int, _ name: InterfaceName) {
        let start = count
        word(BlockType.interface)
        word(0)
        half(UInt16(truncatingIfNeeded: linkType.rawValue))
        half(0)
        word(UInt32(clamping: limit))
        let text = Array(name.name.utf8.prefix(Section.nameLimit))
        if !text.isEmpty {
            half(ShardFormat.name)
            half(UInt16(text.count))
            unsafe text.withUnsafeBytes { unsafe copy($0) }
        }
        half(ShardFormat.resolution)
        half(1)
        word(9)
        custom(ShardFormat.interfaceOption)
        word(UInt32(clamping: name.occurrence))
        end(start)
        interfaceCount += 1
    }

    /// The head of a custom option with so many bytes of its own.
    private mutating func custom(_ size: Int) {
        half(ShardFormat.custom)
        half(UInt16(size + 4))
        word(ShardFormat.enterprise)
    }

    /// Ends a block: its length at both ends. Nothing has to end the options.
    private mutating func end(_ start: Int) {
        let length = UInt32(count - start + 4)
        word(length)
        unsafe memory.storeBytes(of: length.littleEndian, toByteOffset: start + 4, as: UInt32.self)
    }

    // MARK: Bytes

    private mutating func half(_ value: UInt16) {
        unsafe memory.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt16.self)
        count &+= 2
    }

    private mutating func word(_ value: UInt32) {
        unsafe memory.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt32.self)
        count &+= 4
    }

    private mutating func long(_ value: UInt64) {
        unsafe memory.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
        count &+= 8
    }

    /// Bytes, padded to a multiple of four.
    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        unsafe (memory + count).copyMemory(from: start, byteCount: bytes.count)
        count &+= bytes.count
        // Zeros up to the next word; what they write behind it is written over.
        unsafe memory.storeBytes(of: 0, toByteOffset: count, as: UInt32.self)
        count = (count &+ 3) & ~3
    }
}

extension ChecksumVerdict {
    /// What stands for it in a file; 0 is none.
    var code: UInt16 {
        switch self {
        case .correct: 1
        case .wrong: 2
        case .notCaptured: 3
        }
    }

    init?(code: UInt16) {
        switch code {
        case 1: self = .correct
        case 2: self = .wrong
        case 3: self = .notCaptured
        default: return nil
        }
    }
}
