public import Memory
public import Wire

/// Frames that are kept for later, in order. Their bytes are not copied: they have to be a reader's that has a
/// ``FrameMemory``, and nothing of that may be given back before the list is emptied.
@safe
public struct FrameList: ~Copyable {
    /// What differs from frame to frame.
    @unsafe
    @usableFromInline
    struct Entry {
        @usableFromInline let bytes: UnsafePointer<UInt8>
        @usableFromInline let timestamp: Timestamp
        @usableFromInline let capturedLength: UInt32
        @usableFromInline let wireLength: UInt32
        @usableFromInline let place: UInt32
        /// The index of its kind.
        @usableFromInline let kind: UInt32

        @inlinable @inline(__always)
        init(_ frame: borrowing Frame, place: UInt32, kind: UInt32) {
            // An empty frame needs no bytes, but an address all the same.
            let start = unsafe frame.bytes.withUnsafeBufferPointer { $0.baseAddress }
            unsafe bytes = unsafe start ?? UnsafePointer(bitPattern: 16).unsafelyUnwrapped
            unsafe timestamp = frame.timestamp
            unsafe capturedLength = UInt32(truncatingIfNeeded: frame.bytes.count)
            unsafe wireLength = UInt32(truncatingIfNeeded: frame.wireLength)
            unsafe self.place = place
            unsafe self.kind = kind
        }
    }

    /// What frames that follow each other have in common.
    @usableFromInline
    struct Kind: Equatable {
        @usableFromInline let linkType: LinkType
        @usableFromInline let interface: UInt32
        @usableFromInline let file: UInt16
        /// How far a frame's number is ahead of its place.
        @usableFromInline let lead: UInt64

        @inlinable @inline(__always)
        init(_ frame: borrowing Frame, place: UInt32) {
            linkType = frame.linkType
            interface = frame.interface
            file = frame.file
            lead = frame.number &- UInt64(place)
        }
    }

    @usableFromInline var entries: UnsafeMutablePointer<Entry>
    @usableFromInline var capacity = 256
    @usableFromInline var used = 0
    @usableFromInline var kinds: [Kind] = []
    /// How many.
    @inlinable public var count: Int { used }

    /// Makes an empty list.
    public init() { unsafe entries = .allocate(capacity: capacity) }

    deinit { unsafe entries.deallocate() }

    /// Adds a frame; `place` is a number to know it by.
    @inlinable @inline(__always)
    public mutating func append(_ frame: borrowing Frame, place: UInt32) {
        let kind = Kind(frame, place: place)
        if kinds.last != kind { kinds.append(kind) }
        if used == capacity { grow() }
        // Another thread has read what was there before.
        unsafe prefetchLine(UnsafeRawPointer(entries + used) + 512)
        unsafe (entries + used).initialize(
            to: Entry(frame, place: place, kind: UInt32(truncatingIfNeeded: kinds.count &- 1)))
        used &+= 1
    }

    @usableFromInline
    mutating func grow() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        unsafe larger.moveInitialize(from: entries, count: used)
        unsafe entries.deallocate()
        unsafe entries = larger
        capacity *= 2
    }

    /// The bytes of the frame at an index below ``count``; the other properties below are that frame's as well, as
    /// ``Frame`` has them.
    @inlinable @inline(__always)
    @_lifetime(borrow self)
    public func bytes(_ index: Int) -> Span<UInt8> {
        let bytes = unsafe Span<UInt8>(
            _unsafeStart: entries[index].bytes, count: Int(entries[index].capturedLength))
        return unsafe _overrideLifetime(bytes, borrowing: self)
    }

    /// Its length on the wire.
    @inlinable @inline(__always)
    public func wireLength(_ index: Int) -> Int { unsafe Int(entries[index].wireLength) }

    /// Its time.
    @inlinable @inline(__always)
    public func timestamp(_ index: Int) -> Timestamp { unsafe entries[index].timestamp }

    /// How it begins.
    @inlinable @inline(__always)
    public func linkType(_ index: Int) -> LinkType { kinds[kind(index)].linkType }

    /// Its interface.
    @inlinable @inline(__always)
    public func interface(_ index: Int) -> UInt32 { kinds[kind(index)].interface }

    /// Its file.
    @inlinable @inline(__always)
    public func file(_ index: Int) -> UInt16 { kinds[kind(index)].file }

    /// Its number in the file.
    @inlinable @inline(__always)
    public func number(_ index: Int) -> UInt64 {
        unsafe kinds[kind(index)].lead &+ UInt64(entries[index].place)
    }

    @inlinable @inline(__always)
    func kind(_ index: Int) -> Int { unsafe Int(entries[index].kind) }

    /// Asks for the headers of the frame at an index, if there is one.
    @inlinable @inline(__always)
    public func prefetch(_ index: Int) {
        guard index < used else { return }
        unsafe prefetchSharedLine(UnsafeRawPointer(entries[index].bytes))
        unsafe prefetchSharedLine(UnsafeRawPointer(entries[index].bytes) + 63)
    }

    /// The number that it was given.
    @inlinable @inline(__always)
    public func place(_ index: Int) -> UInt32 { unsafe entries[index].place }

    /// Forgets all frames.
    public mutating func removeAll() {
        used = 0
        kinds.removeAll(keepingCapacity: true)
    }
}

/// A list of frames for each of several that look at them.
@safe
public struct FrameHands: ~Copyable {
    /// How many lists there are.
    public let count: Int
    private let lists: UnsafeMutableRawPointer

    /// One thread may write a list while another one reads a list next to it: not in one cache line.
    private static let stride = (MemoryLayout<FrameList>.stride + 127) & ~127

    /// Makes so many empty lists.
    public init(count: Int) {
        self.count = count
        unsafe lists = .allocate(byteCount: count * FrameHands.stride, alignment: 128)
        for index in 0..<count { unsafe list(index).initialize(to: FrameList()) }
    }

    deinit {
        for index in 0..<count { unsafe list(index).deinitialize(count: 1) }
        unsafe lists.deallocate()
    }

    private func list(_ index: Int) -> UnsafeMutablePointer<FrameList> {
        precondition(index >= 0 && index < count)
        return unsafe (lists + index * FrameHands.stride).assumingMemoryBound(to: FrameList.self)
    }

    /// The list of one of them.
    public subscript(index: Int) -> FrameList {
        unsafeAddress { unsafe UnsafePointer(list(index)) }
        unsafeMutableAddress { unsafe list(index) }
    }
}
