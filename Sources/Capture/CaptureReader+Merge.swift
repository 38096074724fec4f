internal import Wire

extension CaptureReader {
    /// Up to so many files are held open from the beginning, whatever their times.
    private static var openLimit: Int { 16 }

    /// Everything that the short way leaves: other formats, the end of the window or of a file,
    /// several files, filters, trouble.
    @usableFromInline
    @_lifetime(&self)
    mutating func nextTheLongWay() -> Frame? {
        while let record = unsafe nextRecord() {
            if let filter, unsafe !filter.matches(record) {
                framesSkipped &+= 1
                continue
            }
            let frame = unsafe Frame(record)
            return unsafe _overrideLifetime(frame, mutating: &self)
        }
        return nil
    }

    /// The next frame of all files.
    private mutating func nextRecord() -> Record? {
        while let current {
            guard let record = unsafe pending ?? current.next(&walk) else {
                unsafe current.walk = walk
                current.close()
                turnToEarliest()
                continue
            }
            unsafe pending = nil
            if unsafe record.timestamp.nanoseconds <= walk.horizon { return unsafe record }
            unsafe current.walk = walk
            unsafe current.pending = record
            unsafe waiting.insert(.init(time: record.timestamp.nanoseconds, file: current.index))
            turnToEarliest()
        }
        return nil
    }

    /// Opens all files. A single one is left at its first frame; of several, each one's first frame
    /// is found, and the file closed again until its time comes.
    mutating func start() {
        if files.count == 1 {
            current = files[0]
            files[0].open()
            unsafe walk = files[0].walk
            return
        }
        for index in files.indices {
            let file = files[index]
            file.open()
            guard let time = file.findFirst() else { continue }
            waiting.insert(.init(time: time, file: index))
            // Few files stay open; of many, those that can be opened again are.
            if files.count > Self.openLimit && file.isReopenable { files[index] = file.unopened() }
        }
        turnToEarliest()
    }

    /// Makes the file with the earliest next frame the current one.
    private mutating func turnToEarliest() {
        current = nil
        unsafe walk = Walk(file: 0)
        while let first = waiting.removeFirst() {
            let file = files[first.file]
            guard file.resume() else { continue }
            current = file
            unsafe pending = file.pending
            unsafe file.pending = nil
            unsafe walk = file.walk
            unsafe walk.horizon = waiting.horizon(of: first.file)
            return
        }
    }

    /// Refuses a filter that some link type found so far has no program for. With no file to go by,
    /// Ethernet must do.
    func check(_ filter: Filter) throws(CaptureError) {
        if filter.refused == nil && !filter.isCompiled { _ = try? filter.program(for: .ethernet) }
        if let text = filter.refused { throw .filter(filter.expression, text) }
    }
}
