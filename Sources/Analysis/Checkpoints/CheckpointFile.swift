import Coding
import Reports
import TCPState
import Tracking

/// Reads what a run left, to go on with it.
struct CheckpointFile {
    /// Whose it is.
    let head: CheckpointHead
    let blocks: BlockFileReader

    init(_ path: String) throws(PartError) {
        blocks = try BlockFileReader(path)
        guard let head = try blocks.first(.checkpoint, { CheckpointHead(from: &$0) }) else {
            throw .damaged(path, reason: "it is no checkpoint")
        }
        self.head = head
    }

    /// Calls `body` with every connection that left a full table.
    func evicted(_ body: (ConnectionRecord) -> Void) throws(PartError) {
        var cursor = BlockFileReader.Cursor(blocks, .evicted)
        while let record = try cursor.next({ ConnectionRecord(from: &$0) }) { body(record) }
    }

    /// Reads the rest: `body` gets the records in the order in which they were written, and takes all of them.
    func read(_ body: (inout CheckpointReader) -> Void) throws(PartError) {
        var records = CheckpointReader(blocks)
        body(&records)
        try records.end()
    }
}

/// The records of a checkpoint.
struct CheckpointReader: RecordCoder {
    private let file: BlockFileReader
    private var cursor: BlockFileReader.Cursor
    /// What was wrong first.
    private var failure: PartError?

    fileprivate init(_ file: BlockFileReader) {
        self.file = file
        cursor = BlockFileReader.Cursor(file, .machine)
    }

    var isReading: Bool { true }
    var isValid: Bool { failure == nil }

    mutating func fail() { failure = failure ?? file.damaged }

    mutating func record(_ body: (inout BinaryCoder) -> Void) {
        guard isValid else { return }
        do {
            if try cursor.next({ body(&$0) }) == nil { fail() }
        } catch {
            failure = error
        }
    }

    /// Refuses what was not valid, and what has records left.
    fileprivate mutating func end() throws(PartError) {
        if let failure { throw failure }
        if try cursor.next({ $0.fail() }) != nil { throw file.damaged }
    }
}

/// Writes the records of a checkpoint.
struct CheckpointWriter: RecordCoder {
    private let file: BlockFileWriter
    /// Whether all that was to be written could be.
    private(set) var isValid = true

    /// Writes the records that `body` gives.
    static func write(
        to file: BlockFileWriter, _ body: (inout CheckpointWriter) -> Void
    ) throws(PartError) {
        var records = CheckpointWriter(file: file)
        body(&records)
        guard records.isValid else {
            throw .file(file.path, reason: "there is more to be kept than a checkpoint can hold")
        }
    }

    var isReading: Bool { false }

    mutating func fail() { isValid = false }

    mutating func record(_ body: (inout BinaryCoder) -> Void) {
        file.append(to: .machine, body)
    }
}
