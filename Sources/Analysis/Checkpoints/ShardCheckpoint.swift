import Coding
import TCPState
import Tracking

/// What a run over a shard left: all that its part has of connections that are no more in the table, and the rest.
struct ShardCheckpoint {
    let head: CheckpointHead
    /// Whose part it was.
    let part: PartHead
    /// What was split so far.
    let manifest: SplitManifest
    private let file: CheckpointFile

    init(_ path: String) throws(PartError) {
        file = try CheckpointFile(path)
        head = file.head
        guard head.command == .part else {
            throw .mismatch(
                path, reason: "'\(head.command.name)' left it: 'part' goes on with one of its own")
        }
        guard let part = try file.blocks.first(.part, { PartHead(from: &$0) }),
            let manifest = try file.blocks.first(.manifest, { SplitManifest(from: &$0) })
        else { throw file.blocks.damaged }
        self.part = part
        self.manifest = manifest
    }

    /// See ``CheckpointFile/read(_:)``.
    func read(_ body: (inout CheckpointReader) -> Void) throws(PartError) { try file.read(body) }

    /// Calls `body` with every frame that was looked at.
    func samples(_ body: (IndexedSample) -> Void) throws(PartError) {
        var cursor = BlockFileReader.Cursor(file.blocks, .samples)
        while let sample = try cursor.next({ IndexedSample(from: &$0) }) { body(sample) }
    }

    /// Calls `body` with every connection that left a full table.
    func evicted(_ body: (EvictedConnection) -> Void) throws(PartError) {
        var cursor = BlockFileReader.Cursor(file.blocks, .evicted)
        while let evicted = try cursor.next({ EvictedConnection(from: &$0) }) { body(evicted) }
    }
}

/// What a part keeps of transitions, and a later run goes on with.
protocol PartTransitions: TransitionObserver {
    /// Writes them, or reads them in the place of nothing.
    mutating func code(_ records: inout some RecordCoder)
}

extension TransitionHistory: PartTransitions {}

extension NoTransitions: PartTransitions {
    mutating func code(_ records: inout some RecordCoder) {}
}
