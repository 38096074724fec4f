import Capture
import Wire

/// A frame, copied out of its reader.
struct ReadFrame: Equatable {
    var bytes: [UInt8]
    var wireLength: Int
    var nanoseconds: Int64
    var linkType: UInt32
    var interface: UInt32 = 0
    var file: UInt16 = 0
    var number: UInt64

    init(_ frame: borrowing Frame) {
        bytes = frame.bytes.indices.map { frame.bytes[$0] }
        wireLength = frame.wireLength
        nanoseconds = frame.timestamp.nanoseconds
        linkType = frame.linkType.rawValue
        interface = frame.interface
        file = frame.file
        number = frame.number
    }
}

/// All that a reader gives.
struct Reading {
    var frames: [ReadFrame] = []
    var problems: [CaptureError] = []
    var summaries: [FileSummary] = []
    var interfaces: [CaptureInterface] = []
    var skipped: UInt64 = 0
    var read: UInt64 = 0
    var bytes: Int64 = 0
    var totalBytes: Int64?

    init(
        _ files: [String], filter: String? = nil, backend: CaptureReader.Backend = .own
    ) throws {
        var reader = try CaptureReader(files: files, filter: filter, backend: backend)
        while let frame = reader.next() { frames.append(ReadFrame(frame)) }
        problems = reader.problems
        summaries = reader.summaries
        interfaces = reader.interfaces
        skipped = reader.framesSkipped
        read = reader.framesRead
        bytes = reader.bytesRead
        totalBytes = reader.totalBytes
    }

    init(
        _ capture: CaptureBytes, filter: String? = nil, backend: CaptureReader.Backend = .own
    ) throws {
        let file = try TemporaryFile(capture)
        try self.init([file.path], filter: filter, backend: backend)
    }

    /// The single problem's reason.
    var fileError: FileError? { problems.count == 1 ? problems[0].fileError : nil }
    /// The single problem's place.
    var offset: Int64? { problems.count == 1 ? problems[0].offset : nil }
    var times: [Int64] { frames.map(\.nanoseconds) }
}
