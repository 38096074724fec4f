internal import Capture
internal import Wire

/// The first byte says how many files, two bytes how long each of them but the last is.
func fuzzMerge(_ bytes: Span<UInt8>) {
    guard bytes.count >= 8 else { return }
    let count = 2 + Int(bytes[0] % 3)
    var start = 1 + 2 * (count - 1)
    var paths: [String] = []
    for index in 0..<count {
        let isLast = index == count - 1
        let length =
            isLast ? bytes.count : Int(bytes[1 + 2 * index]) | Int(bytes[2 + 2 * index]) << 8
        let end = min(bytes.count, max(start, start + length))
        ScratchFile.all[index].write(bytes.extracting(start..<end))
        paths.append(ScratchFile.all[index].path)
        start = end
    }
    let merged = Readout(paths)
    let inBlocks = Readout(paths, .own, inBlocks: true)
    require(
        inBlocks.frames.map(\.sum) == Readout(paths, .own).frames.map(\.sum),
        "other frames in blocks than one by one")
    let alone = paths.map { Readout([$0]) }
    for index in 0..<count {
        require(
            merged.frames.filter { $0.file == index }.map(\.sum) == alone[index].frames.map(\.sum),
            "file \(index) gives other frames beside others")
    }
    // The next frame is the earliest of those that come next in their files; of equal ones the first file's.
    var next = [Int](repeating: 0, count: count)
    for frame in merged.frames {
        let first = (0..<count).filter { next[$0] < alone[$0].frames.count }
            .min { alone[$0].frames[next[$0]].time < alone[$1].frames[next[$1]].time }
        require(first == frame.file, "a frame of file \(frame.file) before its time")
        next[frame.file] += 1
    }
}

/// What a reader made of some files.
struct Readout {
    /// A frame: its file, from 0, its time and a sum over all of it.
    struct QueuedSegmentRef {
        let file: Int
        let time: Int64
        let sum: UInt64
    }

    var frames: [QueuedSegmentRef] = []
    var problem = ""

    /// - Parameters:
    ///   - timeUnit: nanoseconds; what is finer is not in the sums.
    ///   - inBlocks: whether frames are looked at when the reader of our own has gone on, as several threads do.
    init(
        _ paths: [String], _ backend: CaptureReader.Backend = .automatic, timeUnit: Int64 = 1,
        inBlocks: Bool = false
    ) {
        guard var reader = try? CaptureReader(files: paths, backend: backend) else {
            fatalError("refused without a filter")
        }
        var numbers = [UInt64](repeating: 0, count: paths.count)
        if inBlocks {
            readBlocks(of: &reader, timeUnit, &numbers)
        } else {
            while let frame = reader.next() { add(frame, timeUnit, &numbers) }
        }
        require(reader.framesRead == UInt64(frames.count), "frames read are not those handed out")
        require(reader.problems.count <= paths.count, "more problems than files")
        problem = reader.problems.first?.description ?? ""
        _ = reader.summaries
        _ = reader.interfaces
    }

    private mutating func add(
        _ frame: borrowing Frame, _ timeUnit: Int64, _ numbers: inout [UInt64]
    ) {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ word: UInt64) { sum = (sum ^ word) &* 0x100_0000_01b3 }
        for index in frame.bytes.indices { add(UInt64(frame.bytes[index])) }
        add(UInt64(truncatingIfNeeded: frame.wireLength))
        add(UInt64(bitPattern: frame.timestamp.nanoseconds / timeUnit))
        add(UInt64(frame.linkType.rawValue))
        let file = Int(frame.file)
        // Blocks that libpcap skips and Wireshark numbers count.
        require(frame.number > numbers[file], "numbers do not rise")
        numbers[file] = frame.number
        frames.append(QueuedSegmentRef(file: file, time: frame.timestamp.nanoseconds, sum: sum))
    }

    /// Looks at the frames of a block when the next one is full.
    private mutating func readBlocks(
        of reader: inout CaptureReader, _ timeUnit: Int64, _ numbers: inout [UInt64]
    ) {
        reader.keepFrames(readingAhead: true, threads: 2)
        var piece = FilePiece()
        var block = FrameBlock(capacity: 16)
        var next = FrameBlock(capacity: 16)
        repeat {
            swap(&block, &next)
            require(next.begin(&reader, &piece), "nobody else reads")
            next.appendPlainFrames(of: &reader)
            while !next.isFull(reader), Self.append(to: &next, &reader) {}
            next.end(&reader, &piece)
            for index in 0..<block.count { add(block[index], timeUnit, &numbers) }
        } while next.count > 0
    }

    private static func append(to block: inout FrameBlock, _ reader: inout CaptureReader) -> Bool {
        guard let frame = reader.next() else { return false }
        block.append(frame)
        return true
    }
}
