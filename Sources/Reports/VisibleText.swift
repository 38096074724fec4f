internal import POSIX

extension Unicode.Scalar {
    /// Whether a terminal shows the character, and does nothing else with it: no control character (C0, DEL,
    /// C1), no invisible one that changes the direction or joins (Unicode category Cf), no separator of lines
    /// or paragraphs, none for private use (Unicode, section 23.5): ``PathText`` has the bytes of a file name that
    /// are not UTF-8 as such.
    public var isVisible: Bool {
        if value < 0x7f { return value >= 0x20 }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse: false
        default: true
        }
    }
}

extension String {
    /// The text as a terminal may be sent it, on one line: what is not visible is escaped, bytes and control
    /// characters as `\x1b`, others as `\u{202e}`.
    ///
    /// For all text that others chose: names of files, programs and interfaces, what a library says.
    /// Complexity: linear.
    public var visible: String {
        if utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isVisible {
                text.unicodeScalars.append(scalar)
            } else if let byte = PathText.byte(scalar) {
                text += "\\x" + hexadecimal(UInt32(byte), digits: 2)
            } else if scalar.isASCII {
                text += "\\x" + hexadecimal(scalar.value, digits: 2)
            } else {
                text += "\\u{" + hexadecimal(scalar.value, digits: 4) + "}"
            }
        }
        return text
    }
}

/// A number in hexadecimal, with zeros in front.
func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
