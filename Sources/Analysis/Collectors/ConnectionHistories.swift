public import Capture
import Dispatch
public import Reports
public import TCPState
public import Tracking
import Wire

extension CaptureAnalysis {
    /// Reads the captures and passes on each connection's history when the connection ends: when nothing more is
    /// expected of it (see `Tracker.linger`), or with the capture. In the order of their ends, those of 512 frames by
    /// the connections' numbers; the same for any number of threads.
    ///
    /// Memory is bounded by the connections that are open at once, and 8 bytes for each that there was; of several
    /// files, whose frames can be named at the end only, all histories are kept until then.
    ///
    /// - Parameters:
    ///   - make: makes a piece of output of some histories, on any thread, several at once.
    ///   - body: takes the pieces in order, on any thread, one at a time.
    public func histories<Piece: Sendable>(
        _ make: @escaping @Sendable ([ConnectionHistory], FrameNumbering) -> Piece,
        _ body: @escaping (Piece) -> Void
    ) throws(CaptureError) -> InputResult {
        let reader = try CaptureReader(options, nil)
        let count = shardCount(reader)
        let ring = BatchRing(options, reader, shards: count, areEven: true)
        let shards = (0..<count).map {
            Shard(options, MaskedObserver(OpenHistories(), options.mask), ring, $0, of: count)
        }
        let stream = HistoryStream(
            shards: count, options.files.count == 1 ? .oneFile : nil, make, body)
        shards.work { shard, tracker in
            stream.add(
                tracker.takeConnectionStarts(), tracker.observer.base.takeClosed(), of: shard)
        } whileWaiting: {
            stream.makePiece()
        }
        let end = ring.inspect(shards) { CaptureEnd($0, $1, $2) }
        stream.begin(end.numbering)
        finish(stream, shards, at: end.time)
        return ring.inspect(shards) { counts, _, reader in result(counts, reader) }
    }

    /// Passes on the connections that are open at the end, in the order of their first segments.
    private func finish<Piece>(
        _ stream: HistoryStream<Piece>, _ shards: [Shard<MaskedObserver<OpenHistories>>],
        at end: Timestamp
    ) {
        let numbers = stream.numbers
        var open: [(serial: UInt32, shard: Int, index: FlowIndex)] = []
        for (number, shard) in shards.enumerated() {
            shard.tracker.observer.base.end = end
            open += shard.order.map {
                (numbers[number].serial(shard.tracker.serial($0)), number, $0)
            }
        }
        open.sort { $0.serial < $1.serial }
        var rest = open[...]
        repeat {
            // Enough for all threads, few enough to be bounded.
            for _ in shards.indices {
                let some = rest.prefix(64)
                rest = rest.dropFirst(some.count)
                stream.add(
                    some.flatMap { shards[$0.shard].closeConnection($0.index, numbers[$0.shard]) },
                    isLast: rest.isEmpty)
            }
            DispatchQueue.concurrentPerform(iterations: shards.count) { _ in stream.work() }
        } while !rest.isEmpty
    }
}

extension Shard where Observer == MaskedObserver<OpenHistories> {
    /// Lets a connection depart at the end; returns its history.
    fileprivate func closeConnection(
        _ index: FlowIndex, _ numbers: RunNumbering.ShardNumbers
    ) -> [ConnectionHistory] {
        let record = tracker.record(index)
        tracker.observer.connectionClosed(record, .captureEnd)
        let closed = tracker.observer.base.takeClosed()
        for history in closed { history.renumber(numbers) }
        return closed
    }
}

extension ConnectionHistory {
    /// Its rows, in order of time.
    ///
    /// - Parameter isNear: as in ``TransitionHistory/timeline(isNear:)``.
    public func rows(
        isNear: (ConnectionRecord, Side) -> Bool
    ) -> some Sequence<TransitionRow> {
        entries(isNear: isNear).lazy.map { [record] entry in
            TransitionRow(
                transition: entry.transition, time: entry.time, timeInState: entry.timeInState,
                record: record)
        }
    }
}
