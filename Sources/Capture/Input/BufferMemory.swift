/// The memory of a reader's buffers. Where frames are to stay when the reader goes on, what a buffer moved away from is kept
/// until its frames are done with.
@safe
final class BufferMemory {
    /// Whether frames stay.
    var keepsFrames = false
    /// How many threads look at frames at once.
    var threads = 1
    /// Whether what follows a buffer's bytes has been read before its turn: no more than is needed is read in turn.
    var readsPieces = false
    /// Bytes of a buffer. Measured: smaller ones cost calls, larger ones leave the second-level cache. Where frames stay, a
    /// buffer is for the frames of one ``FrameBlock``.
    var bufferSize: Int {
        keepsFrames ? FilePiece.headroom + FilePiece.sizes.lowerBound : 256 << 10
    }
    /// Counts the blocks that were begun: see ``FrameBlock``.
    private(set) var block = 0
    /// What buffers have moved away from since it was last taken, and frames of earlier blocks may lie in as well.
    private var shared = unsafe [UnsafeMutableRawBufferPointer]()
    /// The same, in which only frames of the current block lie.
    private var own = unsafe [UnsafeMutableRawBufferPointer]()
    private var ownBytes = 0
    /// Memory that may be used again, by its size.
    private var free = unsafe [Int: [UnsafeMutableRawBufferPointer]]()
    private var freeBytes = 0

    deinit {
        unsafe (shared + own).forEach { unsafe $0.deallocate() }
        unsafe free.values.joined().forEach { unsafe $0.deallocate() }
    }

    /// Memory of so many bytes.
    func allocate(_ size: Int) -> UnsafeMutableRawBufferPointer {
        if let last = unsafe free[size]?.popLast() {
            freeBytes -= size
            return unsafe last
        }
        return .allocate(byteCount: size, alignment: 16)
    }

    /// Takes memory back, in which frames may lie.
    ///
    /// - Parameter first: the block that was the current one when it was allocated.
    func retire(_ memory: UnsafeMutableRawBufferPointer, since first: Int) {
        if !keepsFrames {
            unsafe memory.deallocate()
        } else if first == block {
            unsafe own.append(memory)
            ownBytes += memory.count
        } else {
            unsafe shared.append(memory)
        }
    }

    /// Begins a block.
    func beginBlock() { block &+= 1 }

    /// What was retired since the last call.
    func takeRetired() -> [UnsafeMutableRawBufferPointer] {
        defer {
            unsafe shared.removeAll(keepingCapacity: true)
            unsafe own.removeAll(keepingCapacity: true)
            ownBytes = 0
        }
        return unsafe shared + own
    }

    /// Whether frames of the current block keep more memory than is good for one block.
    var keepsMuch: Bool { ownBytes > Self.blockLimit }

    /// Takes the memory back in which only frames of the current block lie, which nobody uses any more.
    func recycleOwn() {
        unsafe own.forEach { unsafe recycle($0) }
        unsafe own.removeAll(keepingCapacity: true)
        ownBytes = 0
    }

    /// Takes memory back whose frames nobody uses any more. Of the usual sizes, a few are kept.
    func recycle(_ memory: UnsafeMutableRawBufferPointer) {
        let isUsual = memory.count == bufferSize || memory.count == FilePiece.memorySize
        if isUsual, freeBytes + memory.count <= Self.freeLimit {
            freeBytes += memory.count
            unsafe free[memory.count, default: []].append(memory)
        } else {
            unsafe memory.deallocate()
        }
    }

    /// Bytes.
    private static let freeLimit = 8 << 20
    /// Bytes.
    private static let blockLimit = 2 * FilePiece.sizes.upperBound
}
