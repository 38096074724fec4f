import Capture
public import POSIX
import Wire

/// A file of evidence, or its folder, that cannot be written.
public struct EvidenceFailure: Error {
    /// The file, or the folder.
    public let path: String
    /// Why.
    public let error: OutputError
}

/// A pcapng file of evidence that is being written: frames with comments. It appears under its name when it is complete.
struct EvidenceFile {
    private let output: OutputFile
    private var buffer: [UInt8]
    private var interfaces: [LinkType: UInt32] = [:]

    /// Makes the folder that files go to, where there is none.
    static func makeFolder(_ path: String) throws(EvidenceFailure) {
        do { try POSIX.makeFolder(path) } catch {
            throw EvidenceFailure(path: path, error: .system(error))
        }
    }

    /// - Parameters:
    ///   - comment: of the whole file.
    ///   - inputs: files that must not be written to.
    init(_ path: String, comment: String, inputs: [FileIdentity]) throws(EvidenceFailure) {
        do {
            output = try OutputFile(path, .replace, acceptsStreams: false, inUse: inputs)
        } catch {
            throw EvidenceFailure(path: path, error: error)
        }
        buffer = PcapngBlocks.section(comment: comment)
    }

    /// The file's path.
    var path: String { output.path }

    /// Adds a frame.
    ///
    /// - Parameter segment: what to write of the frame; nil for all of it.
    mutating func append(
        _ frame: borrowing Frame, as segment: Segment? = nil, comments: [String]
    ) throws(EvidenceFailure) {
        let linkType = segment == nil ? frame.linkType : .raw
        let interface = interfaces[linkType] ?? UInt32(interfaces.count)
        if interfaces[linkType] == nil {
            interfaces[linkType] = interface
            buffer += PcapngBlocks.interface(linkType)
        }
        var bytes: [UInt8] = []
        var wireLength = frame.wireLength
        if let segment {
            bytes = segment.headers
            wireLength = bytes.count + Int(segment.payloadLength)
        } else {
            bytes.reserveCapacity(frame.bytes.count)
            for index in frame.bytes.indices { bytes.append(frame.bytes[index]) }
        }
        buffer += PcapngBlocks.packet(
            bytes, wireLength: wireLength, at: frame.timestamp, interface: interface,
            comments: comments)
        if buffer.count > 1 << 16 { try flush() }
    }

    /// Writes the rest, and gives the file its name.
    mutating func finish() throws(EvidenceFailure) {
        try flush()
        do { try output.commit() } catch {
            throw EvidenceFailure(path: output.path, error: .system(error))
        }
    }

    private mutating func flush() throws(EvidenceFailure) {
        do { try output.write(buffer) } catch {
            throw EvidenceFailure(path: output.path, error: .system(error))
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
