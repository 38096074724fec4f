extension TCPOptions {
    /// Reads the options that Linux sends with a SYN: maximum segment size, SACK permitted, timestamps, NOP, window scale,
    /// 20 bytes in this order (Linux 6.8, `tcp_options_write`). Returns false, and reads nothing, if it is another list.
    @usableFromInline
    mutating func readUsualSYN(_ frame: Span<UInt8>, at start: Int) -> Bool {
        guard frame.count >= start &+ 20, frame.uint16(at: start) == 0x0204,
            frame.uint32(at: start &+ 4) == 0x0402_080a,
            frame.uint32(at: start &+ 16) >> 8 == 0x01_0303
        else { return false }
        present = [.maximumSegmentSize, .sackPermitted, .timestamps, .windowScale]
        maximumSegmentSize = frame.uint16(at: start &+ 2)
        timestampValue = frame.uint32(at: start &+ 8)
        timestampEcho = frame.uint32(at: start &+ 12)
        windowScale = min(frame[start &+ 19], 14)
        return true
    }

    /// Reads the option list of a header.
    ///
    /// An option whose length its RFC does not allow is skipped and marks the list as incomplete, as does a
    /// length of 0 or 1 or one beyond the list, which also ends it. Of equal options the last counts, as
    /// on Linux.
    ///
    /// - Parameters:
    ///   - bytes: The captured option bytes: at most 40 in a genuine header.
    ///   - isCut: Whether the header goes on after them.
    public mutating func read(_ bytes: Span<UInt8>, isCut: Bool) {
        present = isCut ? .incomplete : []
        var at = 0
        while at < bytes.count {
            let kind = bytes[at]
            if kind == 0 { return }
            if kind == 1 {
                at += 1
                continue
            }
            guard at + 1 < bytes.count, bytes[at + 1] >= 2, at + Int(bytes[at + 1]) <= bytes.count
            else {
                present.insert(.incomplete)
                return
            }
            let length = Int(bytes[at + 1])
            read(kind, bytes.extracting(at + 2..<at + length))
            at += length
        }
    }

    /// Reads one option; `data` is what follows its kind and length.
    private mutating func read(_ kind: UInt8, _ data: Span<UInt8>) {
        switch (kind, data.count) {
        case (2, 2):
            maximumSegmentSize = data.uint16(at: 0)
            present.insert(.maximumSegmentSize)
        case (3, 1):
            // RFC 7323, section 2.3: a shift count above 14 is used as 14.
            windowScale = min(data[0], 14)
            present.insert(.windowScale)
        case (4, 0):
            present.insert(.sackPermitted)
        case (5, 8), (5, 16), (5, 24), (5, 32):
            sackLeft = SequenceNumber(data.uint32(at: 0))
            sackRight = SequenceNumber(data.uint32(at: 4))
            present.insert(.sack)
        case (8, 8):
            timestampValue = data.uint32(at: 0)
            timestampEcho = data.uint32(at: 4)
            present.insert(.timestamps)
        case (19, 16), (29, 2...):
            present.insert(.signature)
        case (30, 1...):
            present.insert(.multipath)
        case (34, 0...16):
            fastOpenCookieLength = UInt8(data.count)
            present.insert(.fastOpen)
        case (254, 2...18) where data.uint16(at: 0) == 0xf989:
            fastOpenCookieLength = UInt8(data.count - 2)
            present.insert(.fastOpen)
        case (2, _), (3, _), (4, _), (5, _), (8, _), (30, _), (34, _):
            present.insert(.incomplete)
        default: break
        }
    }
}
