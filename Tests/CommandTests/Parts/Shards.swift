import Foundation
import Testing

/// Captures that are split, tracked shard by shard, and merged, in a folder of their own.
final class Shards {
    let folder = try! Tool.temporaryFolder()
    private let count: Int
    private(set) var parts: [String] = []

    /// Splits each list of files for itself, into `count` shards, and tracks all of them.
    ///
    /// - Parameter code: what `split` is expected to exit with.
    init(_ pieces: [[String]], count: Int, code: Int32 = 0, options: [String] = []) throws {
        self.count = count
        var folders: [String] = []
        for (index, files) in pieces.enumerated() {
            folders.append(path("split-\(index)"))
            let arguments = ["split", "--shards", "\(count)", "--out", folders[index]]
            let outcome = try Tool.run(Tool.path, arguments + files)
            #expect(outcome.code == code, "\(outcome.errors)")
        }
        for shard in 0..<count {
            parts.append(path("part-\(shard)"))
            let arguments = ["part", "--shard", "\(shard)", "--out", parts[shard]]
            let outcome = try Tool.run(Tool.path, arguments + options + folders)
            #expect(outcome.code == 0, "\(outcome.errors)")
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Merges parts; all of them by a tree of processes where there are enough.
    func merge(_ arguments: [String]) throws -> Tool.Outcome {
        guard count >= 3 else { return try Tool.run(Tool.path, ["merge"] + arguments + parts) }
        let some = path("some")
        let last = parts[count - 1]
        // In an order that is not the shards'.
        let first = try Tool.run(
            Tool.path, ["merge", "--into", some] + parts.dropLast().reversed())
        #expect(first.code == 0, "\(first.errors)")
        return try Tool.run(Tool.path, ["merge"] + arguments + [last, some])
    }
}
