internal import Wire

// Nearly all records lie whole in the window, are sound, and are of the usual kind. They are taken
// here, from nothing but the walk. Whatever is odd gives `nil`, changes nothing, and is left to
// `CaptureFile`, which looks again and knows what is wrong.
extension FileCursor {
    /// The next record, if it is of the usual kind and no other file has an earlier one.
    @inline(__always)
    mutating func shortRecord() -> RawRecord? {
        switch unsafe format {
        case .blocks: unsafe shortBlock()
        case .classic: unsafe shortClassic()
        case .none: nil
        }
    }

    /// The time of the next record, if it can be told without looking for trouble.
    var shortTime: Int64? {
        switch unsafe format {
        case .classic:
            guard unsafe window.count >= recordHeaderSize else { return nil }
            return unsafe classicTimestamp.nanoseconds
        case .blocks:
            guard unsafe window.count >= 32,
                unsafe window.word(0, swapped: isSwapped) == BlockType.enhancedPacket
            else { return nil }
            guard let row = unsafe blockRow else { return nil }
            return unsafe row.pointee.resolution.timestamp(blockUnits).nanoseconds
        case .none: return nil
        }
    }

    /// The time in the Enhanced Packet Block at the window's position, in its interface's units.
    @inline(__always)
    private var blockUnits: UInt64 {
        let high = unsafe UInt64(window.word(12, swapped: isSwapped))
        return unsafe high << 32 | UInt64(window.word(16, swapped: isSwapped))
    }

    /// The interface of the Enhanced Packet Block at the window's position, if it is described.
    @inline(__always)
    private var blockRow: UnsafePointer<Section.Row>? {
        let index = unsafe window.word(8, swapped: isSwapped)
        guard unsafe index < rowCount else { return nil }
        return unsafe rows.map { unsafe $0 + Int(index) }
    }

    @inline(__always)
    private mutating func shortClassic() -> RawRecord? {
        let header = unsafe recordHeaderSize
        let room = unsafe window.count &- header
        guard room >= 0 else { return nil }
        let captured = unsafe window.word(8, swapped: isSwapped)
        let timestamp = unsafe classicTimestamp
        guard unsafe captured <= captureLimit, Int(captured) <= room,
            unsafe timestamp.nanoseconds <= mergeLimit
        else { return nil }
        let wireLength = unsafe window.word(12, swapped: isSwapped)
        let start = unsafe window.position + header
        unsafe window.position = start + Int(captured)
        unsafe number &+= 1
        return unsafe RawRecord(
            bytes: start.assumingMemoryBound(to: UInt8.self), capturedLength: Int(captured),
            wireLength: Int(wireLength), timestamp: timestamp, linkType: linkType, interface: 0,
            file: file, number: number, program: program)
    }

    /// An Enhanced Packet Block.
    @inline(__always)
    private mutating func shortBlock() -> RawRecord? {
        let held = unsafe window.count
        guard held >= 32, unsafe window.word(0, swapped: isSwapped) == BlockType.enhancedPacket
        else { return nil }
        let length = unsafe Int(window.word(4, swapped: isSwapped))
        guard length <= held, length >= 32, length & 3 == 0,
            unsafe Int(window.word(length - 4, swapped: isSwapped)) == length
        else { return nil }
        guard let row = unsafe blockRow else { return nil }
        let timestamp = unsafe row.pointee.resolution.timestamp(blockUnits)
        let captured = unsafe window.word(20, swapped: isSwapped)
        guard unsafe captured <= row.pointee.snapshotLength, Int(captured) <= length - 32,
            unsafe timestamp.nanoseconds <= mergeLimit
        else { return nil }
        let wireLength = unsafe window.word(24, swapped: isSwapped)
        let start = unsafe window.position + 28
        unsafe window.position += length
        unsafe number &+= 1
        return unsafe RawRecord(
            bytes: start.assumingMemoryBound(to: UInt8.self), capturedLength: Int(captured),
            wireLength: Int(wireLength), timestamp: timestamp, linkType: row.pointee.linkType,
            interface: row.pointee.number, file: file, number: number, program: row.pointee.program)
    }
}
