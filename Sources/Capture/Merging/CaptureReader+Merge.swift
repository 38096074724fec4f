public import Coding
internal import Wire

extension CaptureReader {
    /// Up to so many files are held open from the beginning, whatever their times.
    private static var openLimit: Int { 16 }

    /// Everything that the fast path leaves: other formats, the end of the window or of a file,
    /// several files, filters, trouble.
    @usableFromInline
    @_lifetime(&self)
    mutating func nextSlowPath() -> Frame? {
        guard let record = unsafe nextSorted() ?? nextWanted() else { return nil }
        isLastFrameKept = unsafe sorter == nil && cursor.format != .none
        let frame = unsafe Frame(record)
        return unsafe _overrideLifetime(frame, mutating: &self)
    }

    /// The next frame that the filter lets through.
    private mutating func nextWanted() -> RawRecord? {
        while let record = unsafe cursor.shortRecord() ?? nextRecord() {
            if unsafe !hasFilter || record.isWanted { return unsafe record }
            framesSkipped &+= 1
            unsafe cursor.skipped &+= 1
        }
        return nil
    }

    /// The next frame by time, as long as frames are held back for that.
    private mutating func nextSorted() -> RawRecord? {
        guard let sorter else { return nil }
        while sorter.wantsMore {
            guard let record = unsafe nextWanted() else {
                if keepsHeld { return nil }
                sorter.end()
                break
            }
            unsafe sorter.add(record)
        }
        if let record = unsafe sorter.next() { return unsafe record }
        framesSorted = sorter.moved
        self.sorter = nil
        openShortWay()
        return nil
    }

    /// Writes the frames that are held back at the end of all files, for a reader of those that follow; or reads them,
    /// before the first frame, for what became of the order of frames earlier.
    ///
    /// - Parameter files: how many files come before those of this reader.
    public mutating func codeHeld(_ records: inout some RecordCoder, after files: Int) {
        var holds = sorter != nil
        records.record { $0(&holds) }
        if records.isReading {
            sorter = holds ? FrameSorter() : nil
            openShortWay()
        }
        sorter?.code(
            &records, after: UInt16(truncatingIfNeeded: files), interfaces: interfaceTable.count)
    }

    /// Lets ``next()`` take the current file's records itself, unless a filter, the order of frames or that of bytes
    /// forbids it.
    mutating func openShortWay() {
        let isShort =
            unsafe cursor.format == .classic && !cursor.isSwapped && !hasFilter && sorter == nil
        unsafe cursor.shortHeaderSize = isShort ? cursor.recordHeaderSize : .max
        isLastFrameKept = isShort
        let keepsLow = unsafe readsAhead && cursor.format != .none
        unsafe cursor.lowLimit = keepsLow ? FilePiece.lowLimit(average: 0) : 0
    }

    /// The next frame of all files, where it is none that the fast path takes.
    private mutating func nextRecord() -> RawRecord? {
        while let index = current ?? switchToEarliest() {
            if let time = unsafe cursor.shortTime, unsafe time > cursor.mergeLimit {
                switchToOther(until: time)
                if let record = unsafe cursor.shortRecord() { return unsafe record }
                continue
            }
            let file = files[index]
            if unsafe cursor.mergeLimit < .max,
                let record = unsafe file.next(&cursor, isTaken: false),
                unsafe record.timestamp.nanoseconds > cursor.mergeLimit
            {
                switchToOther(until: unsafe record.timestamp.nanoseconds)
                continue
            }
            if let record = unsafe file.next(&cursor, isTaken: true) { return unsafe record }
            file.close()
            unsafe cursor.end()
            unsafe cursors[index] = cursor
            current = nil
        }
        return nil
    }

    /// Opens all files. Of several, the first frame of each is looked for.
    mutating func start() {
        unsafe cursors = files.indices.map {
            unsafe FileCursor(file: UInt16(truncatingIfNeeded: $0))
        }
        for index in files.indices {
            unsafe files[index].open(&cursors[index])
            if files.count == 1 { continue }
            guard let first = unsafe files[index].next(&cursors[index], isTaken: false) else {
                files[index].close()
                unsafe cursors[index].end()
                continue
            }
            unsafe mergeQueue.insert(.init(time: first.timestamp.nanoseconds, index: index))
            // Few files stay open; of many, those that can be opened again are.
            if files.count > Self.openLimit && files[index].isReopenable {
                files[index] = files[index].unopened()
                unsafe cursors[index] = FileCursor(file: UInt16(truncatingIfNeeded: index))
            }
        }
        if files.contains(where: \.isWaitedFor) { sorter = nil }
        if files.count == 1 { switchFile(to: 0) }
    }

    /// Makes the file with the earliest next frame the current one; `nil` if none is left.
    private mutating func switchToEarliest() -> Int? {
        guard let first = mergeQueue.removeFirst() else { return nil }
        switchFile(to: first.index)
        return first.index
    }

    /// Lays the current file aside, whose next frame is of that time, for the one with the earliest.
    private mutating func switchToOther(until time: Int64) {
        guard let index = current else { return }
        succession = nil
        let first = mergeQueue.exchangeFirst(.init(time: time, index: index))
        unsafe cursors[index] = cursor
        switchFile(to: first.index)
    }

    /// Makes a file the current one, and opens it if it was closed to wait for its time.
    private mutating func switchFile(to index: Int) {
        current = index
        succession?.append(index)
        unsafe cursor = cursors[index]
        if unsafe cursor.format == .none { unsafe files[index].reopen(&cursor) }
        unsafe cursor.mergeLimit = mergeQueue.mergeLimit(of: index)
        openShortWay()
    }

    /// Refuses a filter that some link type found so far has no program for. With no file to go by,
    /// Ethernet must do.
    func check(_ filter: Filter) throws(CaptureError) {
        if filter.refused == nil && !filter.isCompiled {
            _ = unsafe filter.program(for: .ethernet)
        }
        if let text = filter.refused { throw .filter(filter.expression, text) }
    }
}
