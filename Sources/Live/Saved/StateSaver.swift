import Diagnosis
import Tracking
import Wire

/// Saves the open connections of a run now and then, less often where that takes long, and at its end.
struct StateSaver {
    private let file: SessionFile
    private let host: any LiveHost
    private var next: Timestamp
    /// How long it took to gather the connections last.
    private var cost: TimeSpan = 0
    /// What went wrong, as was told last.
    private var told: String?

    /// The first time comes soon, so that a run that is killed early has left something.
    init(_ file: SessionFile, _ host: any LiveHost) {
        self.file = file
        self.host = host
        next = host.now + .seconds(1)
    }

    /// Saves the connections if it is time. Returns what has gone wrong since the last time.
    mutating func saveIfDue<Observer>(
        _ tracker: inout Tracker<Observer>, _ now: Timestamp
    ) -> String? {
        now >= next ? save(&tracker) : nil
    }

    /// Saves the connections. Returns what has gone wrong since the last time.
    private mutating func save<Observer>(_ tracker: inout Tracker<Observer>) -> String? {
        let failure = file.failure
        defer { told = failure }
        let begun = host.now
        file.write(&tracker)
        let end = host.now
        cost = end - begun
        next = end + max(.seconds(10), 20 * cost)
        return failure == told ? nil : failure
    }

    /// Saves the connections for the last time, if there is time to.
    ///
    /// - Returns: whether it does, and what has gone wrong since the last time.
    mutating func saveAtEnd<Observer>(
        _ tracker: inout Tracker<Observer>, _ deadline: Timestamp
    ) -> (isSaved: Bool, failure: String?) {
        guard deadline - host.now > cost + .milliseconds(500) else { return (false, nil) }
        return (true, save(&tracker))
    }

    /// Waits until what was saved is on the disk, for that long at most. Returns what is wrong with the file.
    func finish(within span: TimeSpan, isSaved: Bool) -> String? {
        let isWritten = file.finish(within: span)
        if isSaved, isWritten, file.failure == nil { return nil }
        return file.failure ?? "\(file.path): no time was left to write it: it holds an older state"
    }
}

extension SessionFile.Contents {
    /// What was found, in words.
    func text(_ path: String) -> String {
        var parts = ["\(Count(taken).of("connection")) loaded from \(path)"]
        if gone > 0 {
            parts.append("\(Count(gone)) ended or changed since, according to the kernel")
        }
        if damaged > 0 { parts.append("\(Count(damaged).of("damaged line")) ignored") }
        return parts.joined(separator: "; ")
    }
}
