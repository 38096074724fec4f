import Capture
import Diagnosis
import POSIX
public import Reports
import TCPState
import Tracking
import Wire

/// Splits captures into shards: pcapng files with the headers of all packets of some connections, and a manifest of what
/// is counted over the order of the files.
///
/// A shard has every segment between two ends, and the ICMP errors that quote one. Frames without either are counted, and
/// in no shard. The same files give the same bytes. The manifest is written last: a folder that has one is complete, and is
/// left as it is where it is of the same files.
public struct CaptureSplit: Sendable {
    /// What is split, and how it is read.
    public let options: AnalysisOptions
    /// How many shards there are.
    public let shardCount: Int

    /// - Parameter shardCount: from 1 to ``SplitManifest/shardLimit``.
    public init(_ options: AnalysisOptions, shardCount: Int) {
        self.options = options
        self.shardCount = shardCount
    }

    /// The file of a shard in a folder.
    static func shard(_ index: Int, in folder: String) -> String {
        let number = String(index)
        return
            "\(folder)/shard-\(String(repeating: "0", count: 3 - number.count))\(number).pcapng.zst"
    }

    /// What was split.
    public struct Result: Sendable {
        /// What was read.
        public let summary: InputSummary
        /// By shard.
        public let shards: [ShardSize]
    }

    /// What is in a folder, if it is complete and of these files, read in the same way.
    private func done(in folder: String) -> Result? {
        guard let (manifest, record) = try? SplitManifest.read(from: folder),
            manifest.files == options.files, manifest.isMade(by: options, shardCount),
            record.isOf(options.files)
        else { return nil }
        for (index, size) in record.sizes.enumerated() {
            let shard = FileVersion(path: Self.shard(index, in: folder))
            guard let shard, UInt64(clamping: shard.size) == size.bytes else { return nil }
        }
        return Result(summary: manifest.summary(manifest.counts), shards: record.sizes)
    }

    /// Reads the captures once, and writes a folder, which is made if it is not there.
    ///
    /// - Throws: ``PartError``, or a `CaptureError` for a filter that does not compile.
    public func write(to folder: String) throws -> Result {
        if let done = done(in: folder) { return done }
        let versions = options.files.map { FileVersion(path: $0) }
        do { try makeFolder(folder) } catch { throw PartError(folder, error) }
        var reader = try CaptureReader(options, nil)
        var files = try ShardFiles(folder, count: shardCount)
        let sharding = FlowSharding(count: shardCount)
        let decoder = Decoder()
        var counts = FrameCounts()
        var probe = CaptureQualityProbe(verifiesChecksums: options.verifiesChecksums)
        var start: Timestamp?
        var segment = Segment()
        let names = reader.interfaceNames
        reader.forEachFrame(options.onProgress) { frame, index in
            probe.pass(frame, index: index, after: counts.last)
            start = start ?? frame.timestamp
            // Of a segment nothing else is of interest but its key and its control bits.
            let outcome =
                decoder.decode(
                    frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                    into: &segment, where: { _ in false }) ?? .segment
            counts.count(wireLength: frame.wireLength, at: frame.timestamp, as: outcome)
            let isSegment: Bool
            switch outcome {
            case .setAside: return
            case .segment: isSegment = true
            case .icmpError: isSegment = false
            }
            let length = decoder.headerLength(
                frame.bytes, linkType: frame.linkType,
                wireLength: max(frame.wireLength, frame.bytes.count), outcome: outcome,
                segment: segment)
            var origin = ShardWriter.Origin(ordinal: counts.frames)
            // Frames of other shards have moved the clock on, over what a timer waits for.
            if let last = counts.last, last > frame.timestamp,
                TimerWheel.nextTick(after: frame.timestamp) <= last
            {
                origin.clock = last
            }
            if isSegment, FrameSample.asksForChecksum(of: segment) {
                origin.checksum =
                    decoder.checksums(
                        frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength)?
                    .transport
            }
            files.append(frame, length: length, origin, to: sharding.shard(of: segment)) {
                names[$0]
            }
        }
        try files.finish()
        counts.framesBackInTime &+= reader.framesSorted
        let manifest = SplitManifest(
            options, shardCount: shardCount, start: start, counts, probe, reader)
        try manifest.write(to: folder, SplitRecord(versions, files.sizes))
        return Result(summary: manifest.summary(counts), shards: files.sizes)
    }

    /// How large a shard is.
    public struct ShardSize: Sendable {
        /// Packets in it.
        public internal(set) var packets: UInt64 = 0
        /// Bytes of its file.
        public internal(set) var bytes: UInt64 = 0
    }
}

/// The open files of all shards.
@safe
private struct ShardFiles: ~Copyable {
    /// By shard.
    private let writers: UnsafeMutablePointer<ShardWriter>
    private var files: [OutputFile] = []
    /// By shard.
    private(set) var sizes: [CaptureSplit.ShardSize]
    /// Fast, since every packet is packed: the smallest packs are not worth the time.
    private let compressor = ZstandardBlockCompressor(level: -13)
    /// Bytes of a shard that are packed together.
    private let size: Int
    private var failure: (path: String, error: SystemError)?

    init(_ folder: String, count: Int) throws(PartError) {
        size = max(64 << 10, min(224 << 10, (32 << 20) / count))
        sizes = Array(repeating: CaptureSplit.ShardSize(), count: count)
        for index in 0..<count {
            let path = CaptureSplit.shard(index, in: folder)
            do { files.append(try OutputFile(path, .replace, acceptsStreams: false)) } catch {
                throw PartError(path, error)
            }
        }
        unsafe writers = .allocate(capacity: count)
        for index in 0..<count {
            unsafe (writers + index).initialize(to: ShardWriter(size: size))
        }
    }

    deinit {
        unsafe writers.deinitialize(count: sizes.count)
        unsafe writers.deallocate()
    }

    mutating func append(
        _ frame: borrowing Frame, length: Int, _ origin: ShardWriter.Origin, to index: Int,
        name: (UInt32) -> InterfaceName
    ) {
        unsafe writers[index].append(frame, length: length, origin, name: name)
        sizes[index].packets += 1
        if unsafe writers[index].size >= size { flush(index) }
    }

    /// Writes the rest and puts the files into their places.
    mutating func finish() throws(PartError) {
        for index in files.indices { flush(index) }
        if let failure { throw PartError(failure.path, failure.error) }
        for file in files {
            do { try file.commit() } catch { throw PartError(file.path, error) }
        }
    }

    private mutating func flush(_ index: Int) {
        let (writer, compressor) = unsafe (writers + index, compressor)
        if unsafe writer.pointee.size == 0 { return }
        unsafe writer.pointee.drain { compressor.compress($0) { write($0, to: index) } }
    }

    private mutating func write(_ compressed: Span<UInt8>, to index: Int) {
        guard failure == nil else { return }
        sizes[index].bytes += UInt64(compressed.count)
        do { try files[index].write(compressed) } catch { failure = (files[index].path, error) }
    }
}
