/// Who sends next: a binary heap of times, each with the number of a talk.
struct EventQueue {
    /// Time in the upper 40 bits, number in the lower 24: the least is the next, whatever came first.
    private var heap: [UInt64] = []

    /// How many talks are waiting.
    var count: Int { heap.count }

    /// The time, in microseconds, and the talk that is next.
    var first: (time: UInt64, talk: Int)? {
        heap.first.map { ($0 >> 24, Int($0 & 0xff_ffff)) }
    }

    mutating func insert(_ talk: Int, at time: UInt64) {
        var index = heap.count
        heap.append(time << 24 | UInt64(talk))
        while index > 0, heap[index] < heap[(index - 1) / 2] {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Gives the first talk another time.
    mutating func postponeFirst(to time: UInt64) {
        heap[0] = time << 24 | heap[0] & 0xff_ffff
        sink()
    }

    mutating func removeFirst() {
        let last = heap.removeLast()
        if heap.isEmpty { return }
        heap[0] = last
        sink()
    }

    /// Moves the root down to where it belongs.
    private mutating func sink() {
        let moving = heap[0]
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < moving else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = moving
    }
}
