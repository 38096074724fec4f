/// The part of a file that lies in memory and has not been walked over yet.
@unsafe
@usableFromInline
struct ByteWindow {
    /// The next byte.
    @usableFromInline var position: UnsafeRawPointer
    /// The byte after the last one.
    @usableFromInline var end: UnsafeRawPointer

    @inlinable
    init(position: UnsafeRawPointer, end: UnsafeRawPointer) {
        unsafe self.position = position
        unsafe self.end = end
    }

    /// A window that holds nothing; its position is never read.
    static var empty: ByteWindow {
        let nowhere = unsafe UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped
        return unsafe ByteWindow(position: nowhere, end: nowhere)
    }

    /// Bytes held.
    @inlinable
    var count: Int { unsafe end - position }

    /// The four bytes at an offset, which must be inside, as a number in a byte order.
    @inlinable
    func word(_ offset: Int, swapped: Bool) -> UInt32 {
        let word = unsafe position.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return swapped ? word.byteSwapped : word
    }

    /// The two bytes at an offset, which must be inside, as a number in a byte order.
    @inlinable
    func half(_ offset: Int, swapped: Bool) -> UInt16 {
        let half = unsafe position.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        return swapped ? half.byteSwapped : half
    }
}
