internal import Wire

extension CaptureReader {
    /// Up to so many files are held open from the beginning, whatever their times.
    private static var openLimit: Int { 16 }

    /// Everything that the short way leaves: other formats, the end of the window or of a file,
    /// several files, filters, trouble.
    @usableFromInline
    @_lifetime(&self)
    mutating func nextTheLongWay() -> Frame? {
        while let record = unsafe walk.shortRecord() ?? nextRecord() {
            if hasFilter, unsafe !record.isWanted {
                framesSkipped &+= 1
                continue
            }
            let frame = unsafe Frame(record)
            return unsafe _overrideLifetime(frame, mutating: &self)
        }
        return nil
    }

    /// The next frame of all files, where it is none that the short way takes.
    private mutating func nextRecord() -> Record? {
        while let index = current ?? turnToEarliest() {
            if let time = unsafe walk.shortTime, unsafe time > walk.horizon {
                turnToOther(until: time)
                if let record = unsafe walk.shortRecord() { return unsafe record }
                continue
            }
            let file = files[index]
            if unsafe walk.horizon < .max, let record = unsafe file.next(&walk, isTaken: false),
                unsafe record.timestamp.nanoseconds > walk.horizon
            {
                turnToOther(until: unsafe record.timestamp.nanoseconds)
                continue
            }
            if let record = unsafe file.next(&walk, isTaken: true) { return unsafe record }
            file.close()
            unsafe walk.end()
            unsafe walks[index] = walk
            current = nil
        }
        return nil
    }

    /// Opens all files. Of several, the first frame of each is looked for.
    mutating func start() {
        unsafe walks = files.indices.map { unsafe Walk(file: UInt16(truncatingIfNeeded: $0)) }
        for index in files.indices {
            unsafe files[index].open(&walks[index])
            if files.count == 1 { continue }
            guard let first = unsafe files[index].next(&walks[index], isTaken: false) else {
                files[index].close()
                unsafe walks[index].end()
                continue
            }
            unsafe waiting.insert(.init(time: first.timestamp.nanoseconds, file: index))
            // Few files stay open; of many, those that can be opened again are.
            if files.count > Self.openLimit && files[index].isReopenable {
                files[index] = files[index].unopened()
                unsafe walks[index] = Walk(file: UInt16(truncatingIfNeeded: index))
            }
        }
        if files.count == 1 { turn(to: 0) }
    }

    /// Makes the file with the earliest next frame the current one; `nil` if none is left.
    private mutating func turnToEarliest() -> Int? {
        guard let first = waiting.removeFirst() else { return nil }
        turn(to: first.file)
        return first.file
    }

    /// Lays the current file aside, whose next frame is of that time, for the one with the earliest.
    private mutating func turnToOther(until time: Int64) {
        guard let index = current else { return }
        succession = nil
        let first = waiting.exchangeFirst(.init(time: time, file: index))
        unsafe walks[index] = walk
        turn(to: first.file)
    }

    /// Makes a file the current one, and opens it if it was closed to wait for its time.
    private mutating func turn(to index: Int) {
        current = index
        succession?.append(index)
        unsafe walk = walks[index]
        if unsafe walk.format == .none { unsafe files[index].reopen(&walk) }
        unsafe walk.horizon = waiting.horizon(of: index)
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
