import Capture
import Synchronization
import Tracking
import Wire

/// Reads the files and deals the frames out: to each worker those of its connections, to all of them the time.
struct Dealer: ~Copyable {
    private(set) var reader: CaptureReader
    private(set) var sorter: Sorter
    private(set) var watch: CaptureWatch
    private let memory = FrameMemory()
    private var progress: Progress
    private var hands: FrameHands
    private var isOver = false

    init(_ options: CommonOptions, workers: Int) throws(CaptureError) {
        reader = try CaptureReader(options, nil, memory)
        sorter = Sorter(count: workers)
        watch = CaptureWatch(isOn: true, verifiesChecksums: options.verifyChecksums)
        progress = Progress(total: reader.totalBytes)
        hands = FrameHands(count: workers)
    }

    /// Fills a deal that all workers are done with; returns whether there is anything more to deal out, which
    /// the end is as well.
    mutating func fill(_ deal: Deal) -> Bool {
        if isOver { return false }
        memory.giveBack(deal.pieces)
        deal.framesBefore = sorter.account.frames
        deal.turns.removeAll(keepingCapacity: true)
        progress.show(reader.bytesRead, frames: deal.framesBefore)
        // Not in place: every access to what a class holds is checked.
        swap(&hands, &deal.hands)
        let count = sorter.deal(&reader, &watch, to: &hands, &deal.turns)
        swap(&hands, &deal.hands)
        deal.pieces = memory.takeLeft()
        deal.pending.store(hands.count, ordering: .relaxed)
        isOver = count == 0
        deal.isEnd = isOver
        if isOver { progress.end() }
        return true
    }
}

extension Sorter {
    /// A deal is full with so many frames, or bytes of them: enough to be worth a word between threads, few
    /// enough to stay in their caches.
    private static let frameLimit: UInt32 = 2048
    private static let byteLimit = 256 << 10

    /// Sorts frames until the hands are full; returns how many there were.
    fileprivate mutating func deal(
        _ reader: inout CaptureReader, _ watch: inout CaptureWatch, to hands: inout FrameHands,
        _ turns: inout [Deal.Turn]
    ) -> UInt32 {
        for index in 0..<hands.count { hands[index].removeAll() }
        var place: UInt32 = 0
        var bytes = 0
        while place < Sorter.frameLimit, bytes < Sorter.byteLimit {
            guard let frame = reader.next() else { break }
            let index = account.frames
            if index == watch.dueFrame || frame.timestamp >= watch.dueTime {
                watch.look(frame, index: index, after: account.last)
            }
            let owner = sort(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp)
            if hasToTurn, let time = account.last {
                turns.append(Deal.Turn(place: place, time: time))
            }
            if let owner { hands[owner].append(frame, place: place) }
            place &+= 1
            bytes &+= frame.bytes.count
        }
        return place
    }
}
