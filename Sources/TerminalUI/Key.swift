/// A key that was pressed.
public enum Key: Hashable, Sendable {
    /// A character, control characters included but for those below.
    case character(Character)
    case enter, escape, backspace
    case up, down, left, right, pageUp, pageDown, home, end

    /// The keys in what a terminal sent. A sequence that is not known is left out; a lone escape at the
    /// end is the key.
    public static func keys(in bytes: [UInt8]) -> [Key] {
        var keys: [Key] = []
        var rest = bytes[...]
        while let first = rest.popFirst() {
            switch first {
            case 0x1b: if let key = sequence(&rest) { keys.append(key) }
            case 0x0d, 0x0a: keys.append(.enter)
            case 0x7f, 0x08: keys.append(.backspace)
            default:
                var scalars = [first]
                while let next = rest.first, next & 0xc0 == 0x80 {
                    scalars.append(next)
                    rest.removeFirst()
                }
                let text = String(decoding: scalars, as: UTF8.self)
                if let character = text.first { keys.append(.character(character)) }
            }
        }
        return keys
    }

    /// What follows an escape: ECMA-48, section 5.4, a control sequence; or SS3 and a letter.
    private static func sequence(_ rest: inout ArraySlice<UInt8>) -> Key? {
        guard let introducer = rest.first, introducer == 0x5b || introducer == 0x4f else {
            return .escape
        }
        rest.removeFirst()
        var parameters: [UInt8] = []
        while let byte = rest.popFirst() {
            if (0x20...0x3f).contains(byte) {
                parameters.append(byte)
                continue
            }
            switch (byte, parameters.first) {
            case (0x41, _): return .up
            case (0x42, _): return .down
            case (0x43, _): return .right
            case (0x44, _): return .left
            case (0x48, _), (0x7e, 0x31), (0x7e, 0x37): return .home
            case (0x46, _), (0x7e, 0x34), (0x7e, 0x38): return .end
            case (0x7e, 0x35): return .pageUp
            case (0x7e, 0x36): return .pageDown
            default: return nil
            }
        }
        return nil
    }
}
