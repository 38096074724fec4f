/// Writes values down as bytes one after the other, or reads them in the same order: one function of a type does both,
/// so that the two ways cannot differ.
///
/// Numbers have as many bytes as they need (LEB128, signed ones in zigzag). Bytes that no writer has written make the
/// coder invalid; a value that could not be read stays as it was. Reading never traps and never goes past the end.
public struct BinaryCoder: Sendable {
    /// What is read; or what has been written, and room for more.
    @usableFromInline var storage: [UInt8]
    /// Whether it reads.
    public let isReading: Bool
    /// Whether all that was read was there and could be.
    public private(set) var isValid = true
    /// Where it reads or writes.
    @usableFromInline var position = 0
    /// The last bytes that were written, which are behind `storage`'s: a copy of the coder has its own, so that they are
    /// written without a look at who shares them.
    private var latest = InlineArray<8, UInt64>(repeating: 0)
    private var latestCount = 0
    /// Times are written as their distance from this one, in nanoseconds.
    public var timeOrigin: Int64 = 0
    /// Frames are written as their distance from this one.
    public var frameOrigin: UInt64 = 0

    /// A coder that writes.
    public init() {
        storage = []
        isReading = false
    }

    /// A coder that reads.
    public init(reading bytes: [UInt8]) {
        storage = bytes
        isReading = true
    }

    /// How many bytes have been read or written.
    public var count: Int { position + latestCount }
    /// What has been written. O(n)
    public var bytes: [UInt8] {
        var copy = self
        copy.storeLatest()
        return Array(copy.storage[..<copy.position])
    }
    /// Calls `body` with what has been written.
    public mutating func withBytes(_ body: (Span<UInt8>) -> Void) {
        storeLatest()
        body(storage.span.extracting(first: position))
    }

    /// Whether everything was read, and valid.
    public var isWhole: Bool { isValid && position == storage.count }
    /// Whether there is nothing left to read.
    public var isAtEnd: Bool { position >= storage.count }

    /// Says that what was read makes no sense.
    public mutating func fail() { isValid = false }

    /// Forgets what has been written, and the origins: as a new one, but for its memory.
    public mutating func removeAll() {
        (position, latestCount, timeOrigin, frameOrigin) = (0, 0, 0, 0)
    }

    // MARK: Numbers

    /// A number.
    @inlinable
    public mutating func callAsFunction<Number: FixedWidthInteger>(_ value: inout Number) {
        if isReading {
            let word = readWord()
            if Number.isSigned { set(&value, ZigZag.unpack(word)) } else { set(&value, word) }
        } else if Number.isSigned {
            write(ZigZag.pack(Int64(truncatingIfNeeded: value)))
        } else {
            write(UInt64(truncatingIfNeeded: value))
        }
    }

    @inlinable
    mutating func set<Number: FixedWidthInteger>(
        _ value: inout Number, _ read: some FixedWidthInteger
    ) {
        guard let exact = Number(exactly: read) else { return fail() }
        value = exact
    }

    /// A value that stands for a number.
    @inlinable
    public mutating func callAsFunction<Value: RawRepresentable>(_ value: inout Value)
    where Value.RawValue: FixedWidthInteger {
        var raw = value.rawValue
        self(&raw)
        guard isReading else { return }
        guard let read = Value(rawValue: raw) else { return fail() }
        value = read
    }

    /// Yes or no.
    @inlinable
    public mutating func callAsFunction(_ value: inout Bool) {
        var number: UInt8 = value ? 1 : 0
        self(&number)
        guard isReading else { return }
        if number > 1 { fail() }
        value = number == 1
    }

    /// Most numbers take one byte.
    @usableFromInline
    mutating func readWord() -> UInt64 {
        guard storage.count &- position >= 8 else { return readBytes() }
        let packed = unsafe storage.withUnsafeBytes { bytes in
            unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian
        }
        if packed & 0x80 == 0 {
            position &+= 1
            return packed & 0x7f
        }
        guard let size = LEB128.size(packed) else { return readBytes() }
        position &+= size
        return LEB128.unpack(packed, size: size)
    }

    /// Reads a number that has more than eight bytes, or is near the end.
    private mutating func readBytes() -> UInt64 {
        var read: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, position < storage.count {
            let byte = storage[position]
            position += 1
            read |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 {
                // The tenth byte holds one bit.
                if shift == 63, byte > 1 { break }
                return read
            }
            shift += 7
        }
        fail()
        return 0
    }

    @usableFromInline
    mutating func write(_ word: UInt64) {
        if word < 0x80 { return append(word, size: 1) }
        guard word < 1 << 56 else { return writeLong(word) }
        let (packed, size) = LEB128.pack(word)
        append(packed, size: size)
    }

    private mutating func writeLong(_ word: UInt64) {
        append(word & 0x7f | 0x80, size: 1)
        write(word >> 7)
    }

    /// Adds the first bytes of a word.
    @inline(__always)
    private mutating func append(_ word: UInt64, size: Int) {
        if latestCount > 56 { storeLatest() }
        unsafe withUnsafeMutableBytes(of: &latest) { bytes in
            unsafe bytes.storeBytes(
                of: word.littleEndian, toByteOffset: latestCount, as: UInt64.self)
        }
        latestCount &+= size
    }

    @inline(never)
    private mutating func storeLatest() {
        let size = MemoryLayout.size(ofValue: latest)
        if storage.count &- position < size {
            storage.append(contentsOf: repeatElement(0, count: max(4 * size, storage.count)))
        }
        unsafe storage.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(
                of: latest, toByteOffset: position, as: InlineArray<8, UInt64>.self)
        }
        position &+= latestCount
        latestCount = 0
    }

    // MARK: Several

    /// A value that may be missing.
    ///
    /// - Parameter blank: what reading begins with.
    @inlinable
    public mutating func optional<Value>(
        _ value: inout Value?, _ blank: @autoclosure () -> Value,
        _ body: (inout Value, inout BinaryCoder) -> Void
    ) {
        var isThere = value != nil
        self(&isThere)
        guard isThere else {
            value = nil
            return
        }
        var held = value ?? blank()
        body(&held, &self)
        value = held
    }

    /// A number that may be missing.
    @inlinable
    public mutating func callAsFunction<Number: FixedWidthInteger>(_ value: inout Number?) {
        optional(&value, 0) { $1(&$0) }
    }

    /// A list. One that claims more than what is left to read could hold is invalid.
    ///
    /// - Parameter blank: what reading an element begins with.
    @inlinable
    public mutating func list<Element>(
        _ list: inout [Element], _ blank: @autoclosure () -> Element,
        _ body: (inout Element, inout BinaryCoder) -> Void
    ) {
        var count = list.count
        self(&count)
        guard isReading else {
            for index in list.indices { body(&list[index], &self) }
            return
        }
        list = []
        // Every element takes a byte at least.
        guard count >= 0, count <= storage.count - position else { return fail() }
        list.reserveCapacity(count)
        for _ in 0..<count where isValid {
            var element = blank()
            body(&element, &self)
            list.append(element)
        }
    }

    /// A text.
    public mutating func callAsFunction(_ text: inout String) {
        var units = Array(text.utf8)
        list(&units, 0) { $1.byte(&$0) }
        if isReading { text = String(decoding: units, as: UTF8.self) }
    }

    /// A byte as it is.
    public mutating func byte(_ value: inout UInt8) {
        guard isReading else { return append(UInt64(value), size: 1) }
        guard position < storage.count else { return fail() }
        value = storage[position]
        position += 1
    }
}
