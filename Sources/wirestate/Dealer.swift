import Capture
import Synchronization
import Tracking
import Wire

/// Reads the files and deals out what is in them: to each worker the segments of its connections, to all of
/// them the time.
struct Dealer: ~Copyable {
    private(set) var reader: CaptureReader
    private(set) var sorter: Sorter
    private(set) var watch: CaptureWatch
    private var progress: Progress
    private var hands: SegmentHands
    private var isOver = false

    init(_ options: CommonOptions, workers: Int) throws(CaptureError) {
        reader = try CaptureReader(options, nil)
        sorter = Sorter()
        watch = CaptureWatch(isOn: true, verifiesChecksums: options.verifyChecksums)
        progress = Progress(total: reader.totalBytes)
        hands = SegmentHands(count: workers)
    }

    /// Fills a deal that all workers are done with; returns whether there is anything more to deal out, which
    /// the end is as well.
    mutating func fill(_ deal: Deal) -> Bool {
        if isOver { return false }
        deal.framesBefore = sorter.account.frames
        progress.show(reader.bytesRead, frames: deal.framesBefore)
        // Not in place: every access to what a class holds is checked.
        swap(&hands, &deal.hands)
        let count = sorter.deal(&reader, &watch, to: &hands)
        swap(&hands, &deal.hands)
        deal.pending.store(hands.count, ordering: .relaxed)
        isOver = count == 0
        deal.isEnd = isOver
        if isOver { progress.end() }
        return true
    }
}

extension Sorter {
    /// A deal is so many frames: enough to be worth a word between threads, few enough for the segments of
    /// several deals to stay in a thread's own cache.
    private static let dealSize: UInt32 = 512

    /// Sorts frames until the deal is full; returns how many there were.
    fileprivate mutating func deal(
        _ reader: inout CaptureReader, _ watch: inout CaptureWatch, to hands: inout SegmentHands
    ) -> UInt32 {
        hands.removeAll()
        for place in 0..<Sorter.dealSize {
            guard let frame = reader.next() else { return place }
            let index = account.frames
            if index == watch.dueFrame || frame.timestamp >= watch.dueTime {
                watch.look(frame, index: index, after: account.last)
            }
            sort(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference,
                place: place, to: &hands)
        }
        return Sorter.dealSize
    }
}
