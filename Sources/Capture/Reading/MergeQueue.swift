/// The files that wait for their turn, earliest next frame first: a binary heap.
struct MergeQueue {
    /// A file and the time of its next frame. Equal times go by the order of the list.
    struct Entry {
        /// Nanoseconds since the epoch.
        let time: Int64
        /// The file's index in the list.
        let file: Int

        static func < (a: Entry, b: Entry) -> Bool {
            a.time != b.time ? a.time < b.time : a.file < b.file
        }
    }

    private var heap: [Entry] = []

    /// The number of files that wait.
    var count: Int { heap.count }

    /// The last time at which a frame of that file still goes before every waiting one.
    func mergeLimit(of file: Int) -> Int64 {
        guard let first = heap.first else { return .max }
        return file < first.file ? first.time : first.time &- 1
    }

    /// Adds a file. Logarithmic.
    mutating func insert(_ entry: Entry) {
        var hole = heap.count
        heap.append(entry)
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard entry < heap[parent] else { break }
            heap[hole] = heap[parent]
            hole = parent
        }
        heap[hole] = entry
    }

    /// Removes the file with the earliest frame. Logarithmic.
    mutating func removeFirst() -> Entry? {
        guard let last = heap.popLast() else { return nil }
        return heap.isEmpty ? last : exchangeFirst(last)
    }

    /// Exchanges the file with the earliest frame for another. Logarithmic; constant where the new
    /// one is the earliest then.
    mutating func exchangeFirst(_ entry: Entry) -> Entry {
        guard let first = heap.first else { return entry }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count && heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < entry else { break }
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = entry
        return first
    }
}
