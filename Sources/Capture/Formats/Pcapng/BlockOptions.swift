/// The options at the end of a pcapng block, one after the other.
@unsafe
struct BlockOptions {
    /// One option.
    @unsafe
    struct Option {
        let code: UInt16
        /// The value, without padding.
        let value: UnsafeRawBufferPointer

        /// The value as a number of 8 bytes; `nil` if it has another length.
        func number(swapped: Bool) -> UInt64? {
            guard unsafe value.count == 8 else { return nil }
            let number = unsafe value.loadUnaligned(as: UInt64.self)
            return swapped ? number.byteSwapped : number
        }

        /// The value as text, up to the first zero byte and to a length in bytes.
        func text(limit: Int) -> String {
            unsafe String(decoding: value.prefix(limit).prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private var rest: ByteWindow
    private let isSwapped: Bool
    /// Whether an option claims more bytes than the block has left.
    private(set) var isCut = false

    /// The options in `block` from a byte on; the block's trailing length is left out.
    init(_ block: ByteWindow, from offset: Int, blockLength: Int, swapped: Bool) {
        unsafe rest = ByteWindow(
            position: block.position + offset, end: block.position + blockLength - 4)
        unsafe isSwapped = swapped
    }

    /// The next option, `opt_endofopt` (code 0) included; `nil` at the end.
    mutating func next() -> Option? {
        guard unsafe rest.count >= 4 else {
            unsafe isCut = unsafe isCut || rest.count > 0
            return nil
        }
        let code = unsafe rest.half(0, swapped: isSwapped)
        let length = unsafe Int(rest.half(2, swapped: isSwapped))
        let padded = 4 + (length + 3) & ~3
        guard unsafe padded <= rest.count else {
            unsafe isCut = true
            return nil
        }
        let value = unsafe UnsafeRawBufferPointer(start: rest.position + 4, count: length)
        unsafe rest.position += padded
        return unsafe Option(code: code, value: value)
    }
}
