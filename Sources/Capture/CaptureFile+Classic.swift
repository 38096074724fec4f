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
    func openClassic(magic: UInt32, _ walk: inout Walk) throws(OpenFailure) -> Bool {
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
        guard let held = unsafe fill(&walk, Self.fileHeaderSize) else { return true }
        guard held >= Self.fileHeaderSize else {
            let missing = Int64(Self.fileHeaderSize - held)
            throw OpenFailure(.cut(.fileHeader, missing: missing), at: 0)
        }
        let window = unsafe walk.window
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

        unsafe walk.program = program(for: linkType, walk)
        unsafe walk.window.position += Self.fileHeaderSize
        unsafe walk.isSwapped = isSwapped
        unsafe walk.linkType = linkType
        unsafe walk.captureLimit = min(lengthLimit, snapshotLength)
        let isNanoseconds = precision == "nanoseconds"
        unsafe walk.fractionUnit = isNanoseconds ? 1 : 1_000
        unsafe walk.recordHeaderSize = recordHeaderSize
        if lengthOrder == .capturedFirst {
            unsafe walk.format = .classic
            if filter == nil { unsafe walk.shortHeaderSize = recordHeaderSize }
        }

        let order = isSwapped == (Int(1).littleEndian == 1) ? "big-endian" : "little-endian"
        formatName = "\(isModified ? "modified pcap" : "pcap"), \(precision), \(order)\(packing)"
        interfaces = [
            CaptureInterface(number: 0, linkType: linkType, snapshotLength: snapshotLength)
        ]
        format = .classic
        return true
    }

    /// The record at the window's position, which is stepped over if it is taken.
    func nextClassic(_ walk: inout Walk, isTaken: Bool) -> Record? {
        let recordHeaderSize = unsafe walk.recordHeaderSize
        guard let held = unsafe fill(&walk, recordHeaderSize), held > 0 else { return nil }
        let number = unsafe walk.number &+ 1
        guard held >= recordHeaderSize else {
            let missing = Int64(recordHeaderSize - held)
            return unsafe stop(.cut(.recordHeader, missing: missing), walk)
        }
        let lengths = unsafe self.lengths(walk)
        guard lengths.captured <= lengthLimit else {
            let limit = min(lengthLimit, snapshotLength)
            return unsafe stop(.capturedLength(lengths.captured, limit: limit), walk)
        }
        let size = recordHeaderSize + Int(lengths.captured)
        guard let held = unsafe fill(&walk, size) else { return nil }
        guard held >= size else {
            let missing = Int64(size - held)
            return unsafe stop(.cut(.record, missing: missing), walk)
        }
        let start = unsafe walk.window.position
        let timestamp = unsafe walk.classicTimestamp
        if isTaken {
            unsafe walk.window.position = start + size
            unsafe walk.number = number
        }
        // Captured bytes beyond the snapshot length are not handed out, as libpcap does not.
        return unsafe Record(
            bytes: (start + recordHeaderSize).assumingMemoryBound(to: UInt8.self),
            capturedLength: Int(min(lengths.captured, snapshotLength)),
            wireLength: Int(lengths.wire), timestamp: timestamp, linkType: walk.linkType,
            interface: 0, file: walk.file, number: number, program: walk.program)
    }

    /// The two lengths in the record header at the window's position, told apart.
    private func lengths(_ walk: borrowing Walk) -> (captured: UInt32, wire: UInt32) {
        let first = unsafe walk.window.word(8, swapped: walk.isSwapped)
        let second = unsafe walk.window.word(12, swapped: walk.isSwapped)
        return switch lengthOrder {
        case .capturedFirst: (first, second)
        case .wireFirst: (second, first)
        case .unclear: (min(first, second), max(first, second))
        }
    }
}
