internal import Wire

extension CaptureFile {
    /// Takes a block that is not a packet's, and steps over it. Returns `false` after trouble.
    func process(_ block: Head, _ cursor: inout FileCursor) -> Bool {
        switch block.type {
        case BlockType.section: unsafe readSection(block, cursor)
        case BlockType.interface: unsafe readInterface(block, cursor)
        case BlockType.interfaceStatistics: unsafe readStatistics(block, cursor)
        case let type where BlockType.isNumbered(type):
            unsafe cursor.number &+= 1
            numberedBlocks &+= 1
        default: break
        }
        if hasStopped { return false }
        unsafe cursor.rows = UnsafePointer(section.rows)
        unsafe cursor.rowCount = UInt32(section.count)
        unsafe cursor.window.position += block.length
        return true
    }

    /// Begins a section, which describes its interfaces anew.
    private func readSection(_ block: Head, _ cursor: borrowing FileCursor) {
        guard block.length >= 28 else {
            return unsafe stop(.blockTooShort(type: block.type), cursor)
        }
        let major = unsafe cursor.window.half(12, swapped: cursor.isSwapped)
        guard major == 1 else {
            let minor = unsafe cursor.window.half(14, swapped: cursor.isSwapped)
            return unsafe stop(.version(major: major, minor: minor), cursor)
        }
        section.addCounters(to: &interfaces)
        section.removeAll()
    }

    /// The options of an Interface Description Block that matter.
    private struct InterfaceOptions {
        var name: String?
        var unitsPerSecond: UInt64?
        var offset: Int64?
    }

    /// Adds an interface to the section.
    private func readInterface(_ block: Head, _ cursor: borrowing FileCursor) {
        guard block.length >= 20 else {
            return unsafe stop(.blockTooShort(type: block.type), cursor)
        }
        guard section.count < Section.limit, interfaceTable.count <= Section.limit else {
            return unsafe stop(.tooManyInterfaces(limit: Section.limit), cursor)
        }
        guard let options = unsafe interfaceOptions(block, cursor) else { return }
        let linkField = unsafe cursor.window.half(8, swapped: cursor.isSwapped)
        let linkType = LinkType(dataLink: Int32(linkField))
        let snapshotLength = linkType.snapshotLength(
            unsafe cursor.window.word(12, swapped: cursor.isSwapped))
        let name = options.name ?? ""
        let number = interfaceTable.number(.init(name: name, occurrence: section.countName(name)))
        let key = InterfaceKey(number: number, linkType: linkType)
        if interfaceEntries[key] == nil {
            interfaceEntries[key] = interfaces.count
            interfaces.append(
                CaptureInterface(
                    number: number, name: options.name, linkType: linkType,
                    snapshotLength: snapshotLength))
        }
        blockLimit = max(blockLimit, linkType.maximumSnapshotLength &+ 131_104)
        let resolution = TimestampResolution(
            unitsPerSecond: options.unitsPerSecond ?? 1_000_000, offset: options.offset ?? 0)
        let row = unsafe Section.Row(
            linkType: linkType, snapshotLength: snapshotLength, resolution: resolution,
            number: number, program: program(for: linkType, cursor))
        unsafe section.add(row, index: interfaceEntries[key] ?? 0)
    }

    /// Reads an interface's options; `nil` if they are malformed, which is noted: times would be
    /// anything.
    private func interfaceOptions(_ block: Head, _ cursor: borrowing FileCursor)
        -> InterfaceOptions?
    {
        var found = InterfaceOptions()
        var options = unsafe BlockOptions(
            cursor.window, from: 16, blockLength: block.length, swapped: cursor.isSwapped)
        while let option = unsafe options.next() {
            let length = unsafe option.value.count
            var isGood = true
            switch unsafe option.code {
            case 0 where length == 0: return found
            case 0: isGood = false
            case 2: found.name = unsafe option.text(limit: Section.nameLimit)
            case 9:
                let units =
                    length == 1
                    ? unsafe TimestampResolution.unitsPerSecond(option: option.value[0]) : nil
                isGood = units != nil && found.unitsPerSecond == nil
                found.unitsPerSecond = units
            case 14:
                let offset = unsafe option.number(swapped: cursor.isSwapped)
                isGood = offset != nil && found.offset == nil
                found.offset = offset.map { Int64(bitPattern: $0) }
            default: break
            }
            if isGood { continue }
            return unsafe stop(.interfaceOption(code: option.code), cursor)
        }
        if unsafe options.isCut {
            return unsafe stop(.blockTooShort(type: block.type), cursor)
        }
        return found
    }

    /// Keeps an interface's counters. What makes no sense in the block is left aside: no packet
    /// depends on it.
    private func readStatistics(_ block: Head, _ cursor: borrowing FileCursor) {
        guard block.length >= 24 else { return }
        let index = unsafe Int(cursor.window.word(8, swapped: cursor.isSwapped))
        guard index < section.count else { return }
        var counters = InterfaceCounters()
        var options = unsafe BlockOptions(
            cursor.window, from: 20, blockLength: block.length, swapped: cursor.isSwapped)
        while let option = unsafe options.next(), unsafe option.code != 0 {
            switch unsafe option.code {
            case 4: counters.received = unsafe option.number(swapped: cursor.isSwapped)
            case 5: counters.dropped = unsafe option.number(swapped: cursor.isSwapped)
            case 7: counters.droppedBySystem = unsafe option.number(swapped: cursor.isSwapped)
            default: break
            }
        }
        section.update(index, counters)
    }
}
