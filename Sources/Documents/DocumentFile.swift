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

    /// Writes all of a document durably, in place of an old one; a device or a pipe is written to.
    ///
    /// - Parameter inputs: files that must not be written to.
    public static func replace<F: Format>(
        _ path: String, by content: F.Content, as format: F, inputs: [FileIdentity]
    ) throws(RunFailure) {
        var (format, sink) = (format, TextSink())
        format.write(content, to: &sink)
        do {
            let file = try OutputFile(path, .replace, inUse: inputs)
            try file.write(Array(sink.text.utf8))
            try file.commit()
        } catch let error as OutputError {
            throw RunFailure("\(path): \(error.reason)")
        } catch let error as SystemError {
            throw RunFailure("\(path): \(OutputError.system(error).reason)")
        } catch {
            throw RunFailure("\(path): \(error)")
        }
    }
}

extension AnalysisOptions {
    /// The files that are read, which no document may be.
    public var inputs: [FileIdentity] { files.compactMap { FileIdentity(path: $0) } }
}
