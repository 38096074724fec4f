import Coding
import POSIX

/// Of which files a folder's shards are, and how large these are: a split that is started again has nothing to do where
/// the files are still the same, and a shard that was cut has too few packets.
struct SplitRecord: BinaryCodable {
    /// By file; none where one cannot be told from others: a pipe.
    private var versions: [FileVersion]
    /// By shard.
    private(set) var sizes: [CaptureSplit.ShardSize]

    /// - Parameter versions: the files as they were when they began to be read; nil for one that cannot be told.
    init(_ versions: [FileVersion?], _ sizes: [CaptureSplit.ShardSize]) {
        let known = versions.compactMap { $0 }
        self.versions = known.count == versions.count ? known : []
        self.sizes = sizes
    }

    init(from coder: inout BinaryCoder) {
        versions = []
        sizes = []
        code(&coder)
    }

    /// Whether the files are the same as then.
    func isOf(_ files: [String]) -> Bool {
        !versions.isEmpty && files.map { FileVersion(path: $0) } == versions
    }

    mutating func code(_ coder: inout BinaryCoder) {
        coder.list(&versions, FileVersion(size: 0, modified: 0)) { version, coder in
            coder(&version.size)
            coder(&version.modified)
        }
        coder.list(&sizes, CaptureSplit.ShardSize()) { size, coder in
            coder(&size.packets)
            coder(&size.bytes)
        }
    }
}
