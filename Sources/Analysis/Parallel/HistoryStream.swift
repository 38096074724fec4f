import Reports
import Synchronization
import TCPState
import Tracking

/// Brings the histories of ended connections in order and has pieces of output made of them: by the threads that wait
/// for others, which are ahead of them, and by all where that is not enough.
///
/// The order goes by batches of frames, and within a batch by the connections' numbers in the run: the same for any
/// number of threads.
final class HistoryStream<Piece: Sendable>: @unchecked Sendable {
    /// What one shard says of one batch.
    private struct BatchEvents {
        let starts: RunNumbering.ConnectionStarts
        let closed: [ConnectionHistory]
    }

    private struct Job {
        let number: Int
        let histories: [ConnectionHistory]
    }

    private struct State {
        var numbers: RunNumbering
        /// By shard, of the batches that not all shards are done with.
        var events: [[BatchEvents]]
        /// In order, too few for a job.
        var histories: [ConnectionHistory] = []
        var jobs: [Job] = []
        /// How many of them are taken.
        var taken = 0
        var jobCount = 0
        /// How frames are named; nil while that is not known.
        var frames: FrameNumbering?

        /// Takes what all shards say of a batch.
        mutating func add(_ events: [BatchEvents]) {
            numbers.append(events.map(\.starts))
            var closed: [ConnectionHistory] = []
            for (one, part) in zip(events, numbers.byShard) {
                for history in one.closed { history.renumber(part) }
                closed += one.closed
            }
            closed.sort { $0.record.connection.serial < $1.record.connection.serial }
            add(closed, isLast: false)
        }

        mutating func add(_ closed: [ConnectionHistory], isLast: Bool) {
            histories += closed
            guard isLast && !histories.isEmpty || histories.count >= jobSize else {
                return
            }
            jobs.append(Job(number: jobCount, histories: histories))
            jobCount += 1
            histories = []
        }

        /// - Parameter backlog: how many jobs may be left to others.
        mutating func nextJob(leaving backlog: Int) -> (Job, FrameNumbering)? {
            if let frames, jobs.count - taken > backlog {
                let job = jobs[taken]
                taken += 1
                // Half of them at once: O(1) a job, however many there are.
                if 2 * taken >= jobs.count {
                    jobs.removeFirst(taken)
                    taken = 0
                }
                return (job, frames)
            }
            return nil
        }
    }

    private let state: Mutex<State>
    private let pieces: OrderedPieces<Piece>
    private let make: ([ConnectionHistory], FrameNumbering) -> Piece

    /// Connections of a piece: enough to outweigh the synchronisation.
    private static var jobSize: Int { 32 }

    /// Pieces that wait for a thread that has nothing else to do: a thread that is behind would stay so if it made
    /// them, and the others would wait for it. None where there is no other.
    private let backlog: Int

    /// - Parameters:
    ///   - frames: how frames are named, if that is known already: else all waits for it.
    ///   - make: makes a piece, on any thread, several at once.
    ///   - body: takes the pieces in order, on any thread, one at a time.
    init(
        shards: Int, _ frames: FrameNumbering?,
        _ make: @escaping @Sendable ([ConnectionHistory], FrameNumbering) -> Piece,
        _ body: @escaping (Piece) -> Void
    ) {
        state = Mutex(
            State(
                numbers: RunNumbering(shards: shards),
                events: Array(repeating: [], count: shards), frames: frames))
        backlog = shards == 1 ? 0 : 32
        pieces = OrderedPieces(body)
        self.make = make
    }

    /// Takes what a shard says of its next batch.
    func add(
        _ starts: RunNumbering.ConnectionStarts, _ closed: [ConnectionHistory], of shard: Int
    ) {
        state.withLock { state in
            state.events[shard].append(BatchEvents(starts: starts, closed: closed))
            while state.events.allSatisfy({ !$0.isEmpty }) {
                state.add(state.events.indices.map { state.events[$0].removeFirst() })
            }
        }
        while makePiece(leaving: backlog) {}
    }

    /// Takes histories of connections that ended after all others, in order: with their numbers in the run.
    ///
    /// - Parameter isLast: whether no more come.
    func add(_ histories: [ConnectionHistory], isLast: Bool) {
        state.withLock { $0.add(histories, isLast: isLast) }
    }

    /// The connections' numbers in the run, by shard.
    var numbers: [RunNumbering.ShardNumbers] { state.withLock { $0.numbers.byShard } }

    /// Frames can be named from now on.
    func begin(_ frames: FrameNumbering) { state.withLock { $0.frames = frames } }

    /// Makes the pieces that can be made.
    func work() { while makePiece() {} }

    /// Makes a piece; returns whether there was one to make.
    ///
    /// - Parameter backlog: how many may be left to others.
    func makePiece(leaving backlog: Int = 0) -> Bool {
        guard let (job, frames) = state.withLock({ $0.nextJob(leaving: backlog) }) else {
            return false
        }
        pieces.add(make(job.histories, frames), number: job.number)
        return true
    }
}
