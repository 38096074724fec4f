public import Analysis
public import POSIX
public import Reports

/// A document that is being written: it takes the place of an old one when it is complete.
public struct DocumentFile {
    private let file: OutputFile

    /// - Parameter inputs: files that must not be written to.
    public init(_ path: String, inputs: [FileIdentity]) throws(RunFailure) {
        do {
            file = try OutputFile(path, .replace, acceptsStreams: false, inUse: inputs)
        } catch {
            throw RunFailure("\(path): \(error.reason)")
        }
    }

    /// The open file, which has no name of its own yet.
    var descriptor: Int32 { file.descriptor }

    /// Gives it its name.
    func commit() throws(RunFailure) {
        do { try file.commit(durably: false) } catch {
            throw RunFailure("\(file.path): \(error.reason)")
        }
    }

    /// Writes all of the document, and gives it its name.
    public func write<F: Format>(_ content: F.Content, as format: F) throws(RunFailure) {
        let output = Output(descriptor, name: file.path)
        output.write(content, as: format)
        try output.end()
        try commit()
    }
}
