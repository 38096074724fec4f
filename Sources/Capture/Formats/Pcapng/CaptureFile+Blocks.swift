internal import Wire

// pcapng: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html. Where a damaged file is
// given up is libpcap's decision (sf-pcapng.c); unlike libpcap, sections of either byte order and
// interfaces of different link types are read.
extension CaptureFile {
    /// A longer first section header is not believed.
    private static let firstSectionLimit: UInt32 = 1 << 20

    /// Reads the first section header and goes on to its first interface. Returns `false` if the
    /// header makes no sense.
    func openBlocks(_ cursor: inout FileCursor) throws(OpenFailure) -> Bool {
        guard let held = unsafe fill(&cursor, 12) else { return true }
        guard held >= 12 else {
            throw OpenFailure(.cut(.fileHeader, missing: Int64(28 - held)), at: 0)
        }
        guard let isSwapped = unsafe byteOrder(cursor) else { return false }
        let length = unsafe cursor.window.word(4, swapped: isSwapped)
        guard (28...Self.firstSectionLimit).contains(length) else {
            throw OpenFailure(.blockLength(length), at: 0)
        }
        guard let held = unsafe fill(&cursor, Int(length)) else { return true }
        guard held >= Int(length) else {
            throw OpenFailure(.cut(.fileHeader, missing: Int64(length) - Int64(held)), at: 0)
        }
        let minor = unsafe cursor.window.half(14, swapped: isSwapped)
        let major = unsafe cursor.window.half(12, swapped: isSwapped)
        guard major == 1 && (minor == 0 || minor == 2) else {
            throw OpenFailure(.version(major: major, minor: minor), at: 12)
        }
        unsafe cursor.isSwapped = isSwapped
        unsafe cursor.window.position += Int(length)
        formatName = "pcapng\(packing)"
        format = .blocks
        unsafe cursor.format = .blocks
        while section.count == 0, let block = unsafe nextHead(&cursor), !block.isPacket {
            guard unsafe process(block, &cursor) else { break }
        }
        return true
    }

    /// The byte order that the section header at the window's position tells.
    private func byteOrder(_ cursor: borrowing FileCursor) -> Bool? {
        switch unsafe cursor.window.word(8, swapped: false) {
        case 0x1a2b_3c4d: false
        case 0x4d3c_2b1a: true
        default: nil
        }
    }

    /// The next packet, which is stepped over if it is taken; the blocks before it are taken anyway.
    func nextBlock(_ cursor: inout FileCursor, isTaken: Bool) -> RawRecord? {
        while let block = unsafe nextHead(&cursor) {
            let record: RawRecord?
            switch block.type {
            case BlockType.enhancedPacket, BlockType.packet:
                unsafe record = packet(block, cursor)
            case BlockType.simplePacket:
                unsafe record = simplePacket(block, cursor)
            default:
                guard unsafe process(block, &cursor) else { return nil }
                continue
            }
            guard let record = unsafe record else { return nil }
            if isTaken {
                unsafe cursor.window.position += block.length
                unsafe cursor.number = record.number
            }
            return unsafe record
        }
        return nil
    }

    /// A block's type and length in bytes.
    struct Head {
        let type: UInt32
        let length: Int

        var isPacket: Bool {
            type == BlockType.enhancedPacket || type == BlockType.simplePacket
                || type == BlockType.packet
        }
    }

    /// Makes the window hold the next block, whole. `nil` at the end and after trouble.
    private func nextHead(_ cursor: inout FileCursor) -> Head? {
        guard let held = unsafe fill(&cursor, 8), held > 0 else { return nil }
        guard held >= 8 else { return unsafe cut(cursor, missing: 8 - held) }
        let type = unsafe cursor.window.word(0, swapped: false)
        if type == BlockType.section {
            // A new section may have another byte order, and tells it behind its length.
            guard let held = unsafe fill(&cursor, 12) else { return nil }
            guard held >= 12 else { return unsafe cut(cursor, missing: 28 - held) }
            guard let isSwapped = unsafe byteOrder(cursor) else {
                let magic = unsafe cursor.window.word(8, swapped: false)
                return unsafe stop(.byteOrder(magic), cursor)
            }
            unsafe cursor.isSwapped = isSwapped
        }
        let length = unsafe cursor.window.word(4, swapped: cursor.isSwapped)
        guard length >= 12 && length % 4 == 0 else {
            return unsafe stop(.blockLength(length), cursor)
        }
        guard length <= blockLimit else {
            return unsafe stop(.blockTooLong(length, limit: blockLimit), cursor)
        }
        guard let held = unsafe fill(&cursor, Int(length)) else { return nil }
        guard held >= Int(length) else { return unsafe cut(cursor, missing: Int(length) - held) }
        let trailer = unsafe cursor.window.word(Int(length) - 4, swapped: cursor.isSwapped)
        guard trailer == length else {
            return unsafe stop(.blockLengths(length, trailer), cursor)
        }
        return Head(type: unsafe cursor.isSwapped ? type.byteSwapped : type, length: Int(length))
    }

    private func cut(_ cursor: borrowing FileCursor, missing: Int) -> Head? {
        unsafe stop(.cut(.block, missing: Int64(missing)), cursor)
    }

    /// Takes an Enhanced Packet Block, or an obsolete Packet Block, whose first word is different.
    private func packet(_ block: Head, _ cursor: borrowing FileCursor) -> RawRecord? {
        let window = unsafe cursor.window
        let isSwapped = unsafe cursor.isSwapped
        guard block.length >= 32 else { return unsafe tooShort(block, cursor) }
        let index =
            unsafe block.type == BlockType.packet
            ? UInt32(window.half(8, swapped: isSwapped)) : window.word(8, swapped: isSwapped)
        let unitsHigh = unsafe UInt64(window.word(12, swapped: isSwapped))
        let units = unsafe unitsHigh << 32 | UInt64(window.word(16, swapped: isSwapped))
        let captured = unsafe window.word(20, swapped: isSwapped)
        let wireLength = unsafe window.word(24, swapped: isSwapped)
        return unsafe record(
            block, cursor, index: index, units: units, captured: captured, wireLength: wireLength,
            dataOffset: 28)
    }

    /// Takes a Simple Packet Block: the first interface, no time, and no captured length.
    private func simplePacket(_ block: Head, _ cursor: borrowing FileCursor) -> RawRecord? {
        guard block.length >= 16 else { return unsafe tooShort(block, cursor) }
        let wireLength = unsafe cursor.window.word(8, swapped: cursor.isSwapped)
        let limit = unsafe section.count > 0 ? section.rows[0].snapshotLength : 0
        return unsafe record(
            block, cursor, index: 0, units: 0, captured: min(wireLength, limit),
            wireLength: wireLength, dataOffset: 12)
    }

    private func record(
        _ block: Head, _ cursor: borrowing FileCursor, index: UInt32, units: UInt64,
        captured: UInt32,
        wireLength: UInt32, dataOffset: Int
    ) -> RawRecord? {
        let number = unsafe cursor.number &+ 1
        guard Int(index) < section.count else {
            return unsafe stop(.unknownInterface(index), cursor)
        }
        let row = unsafe section.rows[Int(index)]
        guard unsafe captured <= row.snapshotLength else {
            return unsafe stop(.capturedLength(captured, limit: row.snapshotLength), cursor)
        }
        guard Int(captured) <= block.length - 4 - dataOffset else {
            return unsafe tooShort(block, cursor)
        }
        let start = unsafe cursor.window.position + dataOffset
        return unsafe RawRecord(
            bytes: start.assumingMemoryBound(to: UInt8.self), capturedLength: Int(captured),
            wireLength: Int(wireLength), timestamp: row.resolution.timestamp(units),
            linkType: row.linkType, interface: row.number, file: cursor.file,
            number: number, program: row.program)
    }

    private func tooShort(_ block: Head, _ cursor: borrowing FileCursor) -> RawRecord? {
        unsafe stop(.blockTooShort(type: block.type), cursor)
    }
}
