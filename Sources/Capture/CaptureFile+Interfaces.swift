internal import Wire

extension CaptureFile {
    /// Takes a block that is not a packet's, and steps over it. Returns `false` after trouble.
    func take(_ block: Head, _ walk: inout Walk) -> Bool {
        let isGood: Bool
        switch block.type {
        case BlockType.section: isGood = unsafe takeSection(block, walk)
        case BlockType.interface: isGood = unsafe takeInterface(block, walk)
        case BlockType.interfaceStatistics: isGood = unsafe takeStatistics(block, walk)
        default: isGood = true
        }
        unsafe walk.window.position += isGood ? block.length : 0
        return isGood
    }

    /// Begins a section, which describes its interfaces anew.
    private func takeSection(_ block: Head, _ walk: borrowing Walk) -> Bool {
        guard block.length >= 28 else {
            note(.blockTooShort(type: block.type), at: unsafe offset(walk))
            return false
        }
        let major = unsafe walk.window.half(12, swapped: walk.isSwapped)
        guard major == 1 else {
            let minor = unsafe walk.window.half(14, swapped: walk.isSwapped)
            note(.version(major: major, minor: minor), at: unsafe offset(walk))
            return false
        }
        section.close(into: &interfaces)
        return true
    }

    /// The options of an Interface Description Block that matter.
    private struct InterfaceOptions {
        var name: String?
        var description: String?
        var unitsPerSecond: UInt64?
        var offset: Int64?
    }

    /// Adds an interface to the section.
    private func takeInterface(_ block: Head, _ walk: borrowing Walk) -> Bool {
        guard block.length >= 20 else {
            note(.blockTooShort(type: block.type), at: unsafe offset(walk))
            return false
        }
        guard section.interfaces.count < Section.limit else {
            note(.tooManyInterfaces(limit: Section.limit), at: unsafe offset(walk))
            return false
        }
        guard let options = unsafe interfaceOptions(block, walk) else { return false }
        let linkField = unsafe walk.window.half(8, swapped: walk.isSwapped)
        let linkType = LinkType(dataLink: Int32(linkField))
        let snapshotLength = linkType.snapshotLength(
            unsafe walk.window.word(12, swapped: walk.isSwapped))
        let name = options.name ?? ""
        let number = interfaceTable.number(.init(name: name, occurrence: section.countName(name)))
        let key = InterfaceKey(number: number, linkType: linkType)
        if interfaceEntries[key] == nil {
            interfaceEntries[key] = interfaces.count
            interfaces.append(
                CaptureInterface(
                    number: number, name: options.name, description: options.description,
                    linkType: linkType, snapshotLength: snapshotLength))
        }
        blockLimit = max(blockLimit, linkType.maximumSnapshotLength &+ 131_104)
        let resolution = TimestampResolution(
            unitsPerSecond: options.unitsPerSecond ?? 1_000_000, offset: options.offset ?? 0)
        section.add(
            .init(
                linkType: linkType, snapshotLength: snapshotLength, resolution: resolution,
                number: number, program: program(for: linkType),
                entry: interfaceEntries[key] ?? 0))
        return true
    }

    /// Reads an interface's options; `nil` if they are malformed, which is noted: times would be
    /// anything.
    private func interfaceOptions(_ block: Head, _ walk: borrowing Walk) -> InterfaceOptions? {
        var found = InterfaceOptions()
        var options = unsafe BlockOptions(
            walk.window, from: 16, blockLength: block.length, swapped: walk.isSwapped)
        while let option = unsafe options.next() {
            let length = unsafe option.value.count
            var isGood = true
            switch unsafe option.code {
            case 0 where length == 0: return found
            case 0: isGood = false
            case 2: found.name = unsafe option.text
            case 3: found.description = unsafe option.text
            case 9:
                let units =
                    length == 1
                    ? unsafe TimestampResolution.unitsPerSecond(option: option.value[0]) : nil
                isGood = units != nil && found.unitsPerSecond == nil
                found.unitsPerSecond = units
            case 14:
                let offset = unsafe option.number(swapped: walk.isSwapped)
                isGood = offset != nil && found.offset == nil
                found.offset = offset.map { Int64(bitPattern: $0) }
            default: break
            }
            if isGood { continue }
            note(.interfaceOption(code: unsafe option.code), at: unsafe offset(walk))
            return nil
        }
        if unsafe options.isCut {
            note(.blockTooShort(type: block.type), at: unsafe offset(walk))
            return nil
        }
        return found
    }

    /// Keeps an interface's counters. What makes no sense in the block is left aside: no packet
    /// depends on it.
    private func takeStatistics(_ block: Head, _ walk: borrowing Walk) -> Bool {
        guard block.length >= 24 else { return true }
        let index = unsafe Int(walk.window.word(8, swapped: walk.isSwapped))
        guard index < section.interfaces.count else { return true }
        var counters = InterfaceCounters()
        var options = unsafe BlockOptions(
            walk.window, from: 20, blockLength: block.length, swapped: walk.isSwapped)
        while let option = unsafe options.next(), unsafe option.code != 0 {
            switch unsafe option.code {
            case 4: counters.received = unsafe option.number(swapped: walk.isSwapped)
            case 5: counters.dropped = unsafe option.number(swapped: walk.isSwapped)
            case 7: counters.droppedBySystem = unsafe option.number(swapped: walk.isSwapped)
            default: break
            }
        }
        section.update(index, counters)
        return true
    }
}
