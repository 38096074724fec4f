import Capture
import Comparison
public import POSIX
public import Reports
import Wire

/// Writes for each tap a pcapng file with the connections that something happened to; what became of a segment, and the
/// verdicts at the frames that show them, are packet comments. The captures are read once more.
public struct TapEvidence {
    /// Where the files go.
    private let directory: String
    /// As many connections, at most.
    public static let connectionLimit = 1000

    /// Writes into a folder.
    public init(directory: String) { self.directory = directory }

    /// Writes the files; returns their paths. Throws ``EvidenceFailure``, or a `CaptureError`.
    ///
    /// - Parameters:
    ///   - readings: of the report's taps, in their order.
    ///   - inputs: files that must not be written to.
    public func write(
        _ report: ComparisonReport, _ readings: [TapReading], inputs: [FileIdentity]
    ) throws -> [String] {
        try EvidenceFile.makeFolder(directory)
        let comments = report.comments(limit: TapEvidence.connectionLimit)
        var paths: [String] = []
        for (tap, reading) in readings.enumerated() {
            // A tap's name may be anything that is no file's name.
            let isPlain = reading.name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
                    || (0x61...0x7a).contains($0) || $0 == 0x2d || $0 == 0x5f
            }
            let name = isPlain ? reading.name : "tap-\(tap + 1)"
            var file = try EvidenceFile(
                "\(directory)/\(name).pcapng", comment: "what the \(reading.name) tap saw",
                inputs: inputs)
            var reader = try CaptureReader(
                files: reading.files, filter: reading.filter, backend: reading.backend, sorts: true)
            try reader.forEachFrame { (frame) throws(EvidenceFailure) in
                if let own = comments[tap][frame.reference] {
                    try file.append(frame, as: shown(frame, by: reading.mask), comments: own)
                }
                return true
            }
            try file.finish()
            paths.append(file.path)
        }
        return paths
    }

    /// What to write of a frame: nil for all of it, else its headers with other addresses.
    private func shown(_ frame: borrowing Frame, by mask: AddressMask?) -> Segment? {
        guard let mask else { return nil }
        var segment = Segment()
        let outcome = Decoder().decode(
            frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength, into: &segment)
        // Only segments have comments.
        guard outcome == .segment else { return Segment() }
        segment.source = mask[segment.source]
        segment.destination = mask[segment.destination]
        return segment
    }
}
