import Coding
import Diagnosis
import Reports
import TCPState
import Tracking
import Wire

/// Parts of one run, to be merged: by the order of their shards, so that the order in which they are named does not
/// matter.
public struct PartSet {
    private let parts: [Part]
    let manifest: SplitManifest
    let head: PartHead

    /// One part's file.
    private struct Part {
        let file: BlockFileReader
        let head: PartHead
        let manifest: SplitManifest
        let starts: RunNumbering.ConnectionStarts
        /// The manifest as it was written.
        let manifestBytes: [UInt8]

        init(_ path: String) throws(PartError) {
            file = try BlockFileReader(path)
            guard let head = try file.first(.part, { PartHead(from: &$0) }),
                let manifest = try file.first(.manifest, { SplitManifest(from: &$0) }),
                let starts = try file.first(
                    .starts, { RunNumbering.ConnectionStarts(from: &$0) }),
                head.shards.allSatisfy({ (0..<manifest.shardCount).contains($0) })
            else { throw file.damaged }
            self.head = head
            self.manifest = manifest
            self.starts = starts
            var coder = BinaryCoder()
            manifest.encode(to: &coder)
            manifestBytes = coder.bytes
        }
    }

    /// Opens parts.
    public init(_ paths: [String]) throws(PartError) {
        var parts: [Part] = []
        for path in paths { parts.append(try Part(path)) }
        parts.sort { $0.head.shards[0] < $1.head.shards[0] }
        guard let first = parts.first else { throw .mismatch("merge", reason: "name a part") }
        var owners: [Int: String] = [:]
        var head = first.head
        head.shards = []
        head.counts = FrameCounts()
        for part in parts {
            let path = part.file.path
            guard part.manifestBytes == first.manifestBytes else {
                throw .mismatch(path, reason: "made from other captures than \(first.file.path)")
            }
            guard part.head.profile == head.profile else {
                throw .mismatch(
                    path,
                    reason: "made with other timers (--stack, --timer) than "
                        + first.file.path)
            }
            guard part.head.hasTransitions == head.hasTransitions else {
                throw .mismatch(
                    path, reason: "only one of it and \(first.file.path) has --transitions")
            }
            for shard in part.head.shards {
                if let other = owners.updateValue(path, forKey: shard) {
                    throw .mismatch(
                        path, reason: "it has shard \(shard), which \(other) has as well")
                }
            }
            head.shards += part.head.shards
            head.counts.add(part.head.counts)
        }
        head.shards.sort()
        self.parts = parts
        self.head = head
        manifest = first.manifest
    }

    /// Refuses a run of which shards are missing: nothing could be said of the whole.
    ///
    /// - Parameter shard: one that has to be a shard of the run; nil for none.
    func requireAll(_ shard: Int? = nil) throws(PartError) {
        if let shard, !(0..<manifest.shardCount).contains(shard) {
            throw .mismatch(
                "shard \(shard)", reason: "there are \(manifest.shardCount), from 0 on")
        }
        let missing = Set(0..<manifest.shardCount).subtracting(head.shards).sorted()
        if missing.isEmpty { return }
        let names = missing.prefix(8).map(String.init).joined(separator: ", ")
        throw .mismatch(
            "merge",
            reason: "\(missing.count) of \(manifest.shardCount) shards missing: \(names)"
                + (missing.count > 8 ? ", …" : ""))
    }

    /// What was read, and what became of the connections.
    var summary: InputSummary {
        var counts = manifest.counts
        counts.add(head.counts)
        return manifest.summary(counts)
    }

    /// When the capture ended.
    var end: Timestamp { manifest.end ?? Timestamp(nanoseconds: 0) }

    /// How the connections of all parts began.
    var starts: RunNumbering.ConnectionStarts {
        RunNumbering.ConnectionStarts(merging: parts.map(\.starts))
    }

    /// Connections that had not left a full table before the end, in all parts.
    var remaining: Int {
        Int(clamping: head.counts.connections &- head.counts.evictions.total)
    }

    /// A walk over what the parts have, with the numbers of connections among all parts.
    ///
    /// - Parameter shard: only the part with this shard is read; nil for all.
    func makeCursor(of shard: Int? = nil) -> PartCursor {
        let numbers = RunNumbering(parts.map(\.starts))
        return PartCursor(
            parts: zip(parts, numbers.byShard).filter { part, _ in
                shard.map { part.head.shards.contains($0) } ?? true
            }.map { part, numbers in
                PartCursor.Part(
                    file: part.file, numbers: numbers, connections: part.starts.connections)
            })
    }
}

/// Walks over what several parts have, in an order that does not depend on how the shards are spread over them.
struct PartCursor {
    /// A part, with the numbers that its connections have among all parts.
    struct Part {
        let file: BlockFileReader
        let numbers: RunNumbering.ShardNumbers
        let connections: Int
    }

    let parts: [Part]

    /// The samples of frames, by their indices in the run.
    func samples(_ body: (IndexedSample) -> Void) throws(PartError) {
        try forEachRecord(.samples) { coder, _ in
            IndexedSample(from: &coder)
        } order: {
            $0.index
        } body: {
            body($0)
            return true
        }
    }

    /// What left a full table early, shard by shard.
    func evicted(_ body: (EvictedConnection) -> Void) throws(PartError) {
        try forEachRecord(.evicted) { coder, part in
            let evicted = EvictedConnection(from: &coder)
            return EvictedConnection(
                shard: evicted.shard, renumbered(evicted.record, part, &coder))
        } order: {
            UInt64(clamping: $0.shard)
        } body: {
            body($0)
            return true
        }
    }

    /// The connections at the end, in the order of their first frames; `body` returns whether to go on.
    func connections(_ body: (ConnectionRecord) -> Bool) throws(PartError) {
        try forEachRecord(.connections) { coder, part in
            renumbered(ConnectionRecord(from: &coder), part, &coder)
        } order: {
            UInt64($0.connection.serial)
        } body: {
            body($0)
        }
    }

    /// What is learnt of the connections at the end before any is examined, in no order.
    func previews(_ body: (ConnectionPreview) -> Void) throws(PartError) {
        for part in parts {
            var cursor = BlockFileReader.Cursor(part.file, .previews)
            while let preview = try cursor.next({ ConnectionPreview(from: &$0) }) { body(preview) }
        }
    }

    /// The transitions, shard by shard.
    func transitions(_ body: (KeptTransition) -> Void) throws(PartError) {
        try forEachRecord(.transitions) { coder, part in
            var kept = KeptTransition(from: &coder)
            if Int(kept.transition.connection) < part.connections {
                kept.transition.connection = part.numbers.serial(kept.transition.connection)
            } else {
                coder.fail()
            }
            return kept
        } order: {
            UInt64(clamping: $0.shard)
        } body: {
            body($0)
            return true
        }
    }

    private func renumbered(
        _ record: ConnectionRecord, _ part: Part, _ coder: inout BinaryCoder
    ) -> ConnectionRecord {
        guard Int(record.connection.serial) < part.connections,
            part.numbers.hasStream(record.connection.stream)
        else {
            coder.fail()
            return record
        }
        var record = record
        record.renumber(part.numbers)
        return record
    }

    /// Merges the records of a section by a key that does not fall within a part.
    private func forEachRecord<Record>(
        _ section: BlockFile.Section, _ read: (inout BinaryCoder, Part) -> Record,
        order: (Record) -> UInt64, body: (Record) -> Bool
    ) throws(PartError) {
        var cursors = parts.map { BlockFileReader.Cursor($0.file, section) }
        // Records are long: what is compared are their keys.
        var records: [Record?] = []
        var keys: [UInt64] = []
        for index in parts.indices {
            records.append(try cursors[index].next { read(&$0, parts[index]) })
            keys.append(records[index].map(order) ?? .max)
        }
        while let first = keys.indices.min(by: { keys[$0] < keys[$1] }) {
            guard let record = records[first].take() else { return }
            if !body(record) { return }
            guard let next = try cursors[first].next({ read(&$0, parts[first]) }) else {
                keys[first] = .max
                continue
            }
            let key = order(next)
            if key < keys[first] { throw parts[first].file.damaged }
            keys[first] = key
            records[first] = next
        }
    }
}
