internal import Wire

/// Which of a record's two lengths a classic capture file has first.
enum LengthOrder {
    /// Version 2.4.
    case capturedFirst
    /// Before version 2.3, and DG/UX's version 543.0.
    case wireFirst
    /// Version 2.3, whose writers did not agree: the lower one is the captured length.
    case unclear
}

// Classic pcap: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html, and libpcap's
// sf-pcap.c for what files really contain.
extension CaptureFile {
    private static let fileHeaderSize = 24

    /// Reads the file header. Returns `false` if the magic is not one of the format's.
    func openClassic(magic: UInt32, _ cursor: inout FileCursor) throws(OpenFailure) -> Bool {
        let isSwapped: Bool
        let precision: String
        var isModified = false
        switch (magic, magic.byteSwapped) {
        case (0xa1b2_c3d4, _): (isSwapped, precision) = (false, "microseconds")
        case (0xa1b2_3c4d, _): (isSwapped, precision) = (false, "nanoseconds")
        case (0xa1b2_cd34, _): (isSwapped, precision, isModified) = (false, "microseconds", true)
        case (_, 0xa1b2_c3d4): (isSwapped, precision) = (true, "microseconds")
        case (_, 0xa1b2_3c4d): (isSwapped, precision) = (true, "nanoseconds")
        case (_, 0xa1b2_cd34): (isSwapped, precision, isModified) = (true, "microseconds", true)
        default: return false
        }
        guard let held = unsafe fill(&cursor, Self.fileHeaderSize) else { return true }
        guard held >= Self.fileHeaderSize else {
            let missing = Int64(Self.fileHeaderSize - held)
            throw OpenFailure(.cut(.fileHeader, missing: missing), at: 0)
        }
        let window = unsafe cursor.window
        let version = unsafe (
            window.half(4, swapped: isSwapped), window.half(6, swapped: isSwapped)
        )
        switch version {
        case (2, 0...2), (543, 0): lengthOrder = .wireFirst
        case (2, 3): lengthOrder = .unclear
        case (2, 4): lengthOrder = .capturedFirst
        default: throw OpenFailure(.version(major: version.0, minor: version.1), at: 4)
        }
        // The upper six bits tell about a frame check sequence, which changes nothing here.
        let linkField = unsafe window.word(20, swapped: isSwapped) & 0x03ff_ffff
        let linkType = LinkType(dataLink: Int32(bitPattern: linkField))
        snapshotLength = linkType.snapshotLength(unsafe window.word(16, swapped: isSwapped))
        // libpcap's rule: the modified format's cooked captures have a made-up Ethernet header on
        // top of the snapshot length.
        if isModified && linkType == .ethernet { snapshotLength &+= 14 }
        lengthLimit = linkType.maximumSnapshotLength
        let recordHeaderSize = isModified ? 24 : 16

        unsafe cursor.program = program(for: linkType, cursor)
        unsafe cursor.window.position += Self.fileHeaderSize
        unsafe cursor.isSwapped = isSwapped
        unsafe cursor.linkType = linkType
        unsafe cursor.captureLimit = min(lengthLimit, snapshotLength)
        let isNanoseconds = precision == "nanoseconds"
        unsafe cursor.fractionUnit = isNanoseconds ? 1 : 1_000
        unsafe cursor.recordHeaderSize = recordHeaderSize
        if lengthOrder == .capturedFirst { unsafe cursor.format = .classic }

        let order = isSwapped == (Int(1).littleEndian == 1) ? "big-endian" : "little-endian"
        formatName = "\(isModified ? "modified pcap" : "pcap"), \(precision), \(order)\(packing)"
        interfaces = [
            CaptureInterface(number: 0, linkType: linkType, snapshotLength: snapshotLength)
        ]
        format = .classic
        return true
    }

    /// The record at the window's position, which is stepped over if it is taken.
    func nextClassic(_ cursor: inout FileCursor, isTaken: Bool) -> RawRecord? {
        let recordHeaderSize = unsafe cursor.recordHeaderSize
        guard let held = unsafe fill(&cursor, recordHeaderSize), held > 0 else { return nil }
        let number = unsafe cursor.number &+ 1
        guard held >= recordHeaderSize else {
            let missing = Int64(recordHeaderSize - held)
            return unsafe stop(.cut(.recordHeader, missing: missing), cursor)
        }
        let lengths = unsafe self.lengths(cursor)
        guard lengths.captured <= lengthLimit else {
            let limit = min(lengthLimit, snapshotLength)
            return unsafe stop(.capturedLength(lengths.captured, limit: limit), cursor)
        }
        let size = recordHeaderSize + Int(lengths.captured)
        guard let held = unsafe fill(&cursor, size) else { return nil }
        guard held >= size else {
            let missing = Int64(size - held)
            return unsafe stop(.cut(.record, missing: missing), cursor)
        }
        let start = unsafe cursor.window.position
        let timestamp = unsafe cursor.classicTimestamp
        if isTaken {
            unsafe cursor.window.position = start + size
            unsafe cursor.number = number
        }
        // Captured bytes beyond the snapshot length are not handed out, as libpcap does not.
        return unsafe RawRecord(
            bytes: (start + recordHeaderSize).assumingMemoryBound(to: UInt8.self),
            capturedLength: Int(min(lengths.captured, snapshotLength)),
            wireLength: Int(lengths.wire), timestamp: timestamp, linkType: cursor.linkType,
            interface: 0, file: cursor.file, number: number, program: cursor.program)
    }

    /// The two lengths in the record header at the window's position, told apart.
    private func lengths(_ cursor: borrowing FileCursor) -> (captured: UInt32, wire: UInt32) {
        let first = unsafe cursor.window.word(8, swapped: cursor.isSwapped)
        let second = unsafe cursor.window.word(12, swapped: cursor.isSwapped)
        return switch lengthOrder {
        case .capturedFirst: (first, second)
        case .wireFirst: (second, first)
        case .unclear: (min(first, second), max(first, second))
        }
    }
}
