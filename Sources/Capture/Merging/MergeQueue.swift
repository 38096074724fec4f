/// What waits for its turn, the earliest first: files by the time of their next frame, or frames. A binary heap.
struct MergeQueue {
    /// A file and the time of its next frame, or a frame and its time. Equal times go by the index.
    struct Entry {
        /// Nanoseconds since the epoch.
        let time: Int64
        /// The file's index in the list; the frame's place in its file.
        let index: Int

        static func < (a: Entry, b: Entry) -> Bool {
            a.time != b.time ? a.time < b.time : a.index < b.index
        }
    }

    private var heap: [Entry] = []

    /// How many wait.
    var count: Int { heap.count }
    /// The earliest.
    var first: Entry? { heap.first }

    /// The last time at which a frame of that file still goes before every waiting one.
    func mergeLimit(of file: Int) -> Int64 {
        guard let first = heap.first else { return .max }
        return file < first.index ? first.time : first.time &- 1
    }

    /// Adds one. Logarithmic.
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

    /// Removes the earliest. Logarithmic.
    mutating func removeFirst() -> Entry? {
        guard let last = heap.popLast() else { return nil }
        return heap.isEmpty ? last : exchangeFirst(last)
    }

    /// Exchanges the earliest for another. Logarithmic; constant where the new
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
