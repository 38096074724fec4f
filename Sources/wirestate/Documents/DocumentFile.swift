import POSIX
import Reports

/// A document that is being written: it takes the place of an old one when it is complete.
struct DocumentFile {
    private let file: OutputFile

    /// - Parameter inputs: files that must not be written to.
    init(_ path: String, inputs: [FileIdentity]) throws {
        do {
            file = try OutputFile(path, .replace, acceptsStreams: false, inUse: inputs)
        } catch {
            throw CommandFailure(path, error)
        }
    }

    /// The open file, which has no name of its own yet.
    var descriptor: Int32 { file.descriptor }

    /// Gives it its name.
    func commit() throws {
        do { try file.commit(durably: false) } catch {
            throw CommandFailure(lines: ["\(file.path): \(error.reason)"])
        }
    }

    /// Writes all of the document, and gives it its name.
    func write<F: Format>(_ content: F.Content, as format: F) throws {
        let output = Output(descriptor, name: file.path)
        output.write(content, as: format)
        output.finish()
        guard output.exitCode == 0 else { throw CommandFailure() }
        try commit()
    }
}
