/// File names as text. The kernel's names are bytes, the program carries them as strings: what is not UTF-8
/// is escaped, reversibly, so that any name opens.
///
/// A byte that belongs to no valid UTF-8 sequence becomes one character of the private use area, U+EF80 to
/// U+EFFF. A name that contains such characters itself has each of their bytes escaped.
public enum PathText {
    /// The text of a name. Complexity: linear.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        var text = String.UnicodeScalarView()
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var start = 0
        while true {
            let end: Int
            switch parser.parseScalar(from: &rest) {
            case .emptyInput: return String(text)
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                end = start + encoded.count
                if byte(scalar) == nil {
                    text.append(scalar)
                } else {
                    text.append(contentsOf: bytes[start..<end].map(scalar(of:)))
                }
            case .error(let length):
                end = start + length
                text.append(contentsOf: bytes[start..<end].map(scalar(of:)))
            }
            start = end
        }
    }

    /// The text of a name that ends with a NUL.
    public static func text(cString: UnsafePointer<CChar>) -> String {
        var bytes: [UInt8] = []
        var next = unsafe cString
        while unsafe next.pointee != 0 {
            bytes.append(UInt8(bitPattern: unsafe next.pointee))
            unsafe next += 1
        }
        return text(bytes)
    }

    /// The bytes of a name's text. Complexity: linear.
    public static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if let byte = byte(scalar) {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar)!)
            }
        }
        return bytes
    }

    /// The byte that a character stands for; nil for one that stands for itself.
    public static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
        (0xef80...0xefff).contains(scalar.value) ? UInt8(scalar.value & 0xff) : nil
    }

    /// The character for a byte above 0x7f.
    private static func scalar(of byte: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(0xef00 + UInt16(byte))!
    }
}
