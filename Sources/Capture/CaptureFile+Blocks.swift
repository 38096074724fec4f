internal import Wire

// pcapng: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html. Where a damaged file is
// given up is libpcap's decision (sf-pcapng.c); unlike libpcap, sections of either byte order and
// interfaces of different link types are read.
extension CaptureFile {
    /// A longer first section header is not believed.
    private static let firstSectionLimit: UInt32 = 1 << 20

    /// Reads the first section header and goes on to its first interface. Returns `false` if the
    /// header makes no sense.
    func openBlocks(_ walk: inout Walk) throws(OpenFailure) -> Bool {
        guard let held = unsafe fill(&walk, 12) else { return true }
        guard held >= 12 else {
            throw OpenFailure(.cut(.fileHeader, missing: Int64(28 - held)), at: 0)
        }
        guard let isSwapped = unsafe byteOrder(walk) else { return false }
        let length = unsafe walk.window.word(4, swapped: isSwapped)
        guard (28...Self.firstSectionLimit).contains(length) else {
            throw OpenFailure(.blockLength(length), at: 0)
        }
        guard let held = unsafe fill(&walk, Int(length)) else { return true }
        guard held >= Int(length) else {
            throw OpenFailure(.cut(.fileHeader, missing: Int64(length) - Int64(held)), at: 0)
        }
        let minor = unsafe walk.window.half(14, swapped: isSwapped)
        let major = unsafe walk.window.half(12, swapped: isSwapped)
        guard major == 1 && (minor == 0 || minor == 2) else {
            throw OpenFailure(.version(major: major, minor: minor), at: 12)
        }
        unsafe walk.isSwapped = isSwapped
        unsafe walk.window.position += Int(length)
        formatName = "pcapng\(packing)"
        format = .blocks
        unsafe walk.format = .blocks
        while section.count == 0, let block = unsafe nextHead(&walk), !block.isPacket {
            guard unsafe take(block, &walk) else { break }
        }
        return true
    }

    /// The byte order that the section header at the window's position tells.
    private func byteOrder(_ walk: borrowing Walk) -> Bool? {
        switch unsafe walk.window.word(8, swapped: false) {
        case 0x1a2b_3c4d: false
        case 0x4d3c_2b1a: true
        default: nil
        }
    }

    /// The next packet, which is stepped over if it is taken; the blocks before it are taken anyway.
    func nextBlock(_ walk: inout Walk, isTaken: Bool) -> Record? {
        while let block = unsafe nextHead(&walk) {
            let record: Record?
            switch block.type {
            case BlockType.enhancedPacket, BlockType.packet:
                unsafe record = packet(block, walk)
            case BlockType.simplePacket:
                unsafe record = simplePacket(block, walk)
            default:
                guard unsafe take(block, &walk) else { return nil }
                continue
            }
            guard let record = unsafe record else { return nil }
            if isTaken {
                unsafe walk.window.position += block.length
                unsafe walk.number = record.number
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
    private func nextHead(_ walk: inout Walk) -> Head? {
        guard let held = unsafe fill(&walk, 8), held > 0 else { return nil }
        guard held >= 8 else { return unsafe cut(walk, missing: 8 - held) }
        let type = unsafe walk.window.word(0, swapped: false)
        if type == BlockType.section {
            // A new section may have another byte order, and tells it behind its length.
            guard let held = unsafe fill(&walk, 12) else { return nil }
            guard held >= 12 else { return unsafe cut(walk, missing: 28 - held) }
            guard let isSwapped = unsafe byteOrder(walk) else {
                let magic = unsafe walk.window.word(8, swapped: false)
                return unsafe stop(.byteOrder(magic), walk)
            }
            unsafe walk.isSwapped = isSwapped
        }
        let length = unsafe walk.window.word(4, swapped: walk.isSwapped)
        guard length >= 12 && length % 4 == 0 else {
            return unsafe stop(.blockLength(length), walk)
        }
        guard length <= blockLimit else {
            return unsafe stop(.blockTooLong(length, limit: blockLimit), walk)
        }
        guard let held = unsafe fill(&walk, Int(length)) else { return nil }
        guard held >= Int(length) else { return unsafe cut(walk, missing: Int(length) - held) }
        let trailer = unsafe walk.window.word(Int(length) - 4, swapped: walk.isSwapped)
        guard trailer == length else {
            return unsafe stop(.blockLengths(length, trailer), walk)
        }
        return Head(type: unsafe walk.isSwapped ? type.byteSwapped : type, length: Int(length))
    }

    private func cut(_ walk: borrowing Walk, missing: Int) -> Head? {
        unsafe stop(.cut(.block, missing: Int64(missing)), walk)
    }

    /// Takes an Enhanced Packet Block, or an obsolete Packet Block, whose first word is different.
    private func packet(_ block: Head, _ walk: borrowing Walk) -> Record? {
        let window = unsafe walk.window
        let isSwapped = unsafe walk.isSwapped
        guard block.length >= 32 else { return unsafe tooShort(block, walk) }
        let index =
            unsafe block.type == BlockType.packet
            ? UInt32(window.half(8, swapped: isSwapped)) : window.word(8, swapped: isSwapped)
        let unitsHigh = unsafe UInt64(window.word(12, swapped: isSwapped))
        let units = unsafe unitsHigh << 32 | UInt64(window.word(16, swapped: isSwapped))
        let captured = unsafe window.word(20, swapped: isSwapped)
        let wireLength = unsafe window.word(24, swapped: isSwapped)
        return unsafe record(
            block, walk, index: index, units: units, captured: captured, wireLength: wireLength,
            dataOffset: 28)
    }

    /// Takes a Simple Packet Block: the first interface, no time, and no captured length.
    private func simplePacket(_ block: Head, _ walk: borrowing Walk) -> Record? {
        guard block.length >= 16 else { return unsafe tooShort(block, walk) }
        let wireLength = unsafe walk.window.word(8, swapped: walk.isSwapped)
        let limit = unsafe section.count > 0 ? section.rows[0].snapshotLength : 0
        return unsafe record(
            block, walk, index: 0, units: 0, captured: min(wireLength, limit),
            wireLength: wireLength, dataOffset: 12)
    }

    private func record(
        _ block: Head, _ walk: borrowing Walk, index: UInt32, units: UInt64, captured: UInt32,
        wireLength: UInt32, dataOffset: Int
    ) -> Record? {
        let number = unsafe walk.number &+ 1
        guard Int(index) < section.count else {
            return unsafe stop(.unknownInterface(index), walk)
        }
        let row = unsafe section.rows[Int(index)]
        guard unsafe captured <= row.snapshotLength else {
            return unsafe stop(.capturedLength(captured, limit: row.snapshotLength), walk)
        }
        guard Int(captured) <= block.length - 4 - dataOffset else {
            return unsafe tooShort(block, walk)
        }
        let start = unsafe walk.window.position + dataOffset
        return unsafe Record(
            bytes: start.assumingMemoryBound(to: UInt8.self), capturedLength: Int(captured),
            wireLength: Int(wireLength), timestamp: row.resolution.timestamp(units),
            linkType: row.linkType, interface: row.number, file: walk.file,
            number: number, program: row.program)
    }

    private func tooShort(_ block: Head, _ walk: borrowing Walk) -> Record? {
        unsafe stop(.blockTooShort(type: block.type), walk)
    }
}
