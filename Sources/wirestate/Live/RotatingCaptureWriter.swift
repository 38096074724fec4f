import Capture
import Glibc
import POSIX
import Wire

/// Writes what is captured to files that follow each other: `trace.pcap`, or with rotation
/// `trace-00001.pcap` and so on, of which the last few are kept.
final class RotatingCaptureWriter {
    /// When a file is full.
    enum Rotation: Equatable {
        case never
        /// Nanoseconds.
        case time(Int64)
        case size(Int)
    }

    private let path: String
    private let rotation: Rotation
    private let keep: Int?
    private let linkType: LinkType
    private let snapshotLength: Int
    /// The file that is written; nil after trouble, until it can be written again.
    private var file: DumpFile?
    private var number = 1
    private var begun: Timestamp?
    private var names: [String]
    /// Of the file in trouble: what is whole of it.
    private var wholeBytes = 24
    private var retry: Timestamp?
    /// Frames that could not be written.
    private(set) var lostFrames: UInt64 = 0
    /// Who is told of trouble.
    var say: (String) -> Void = { complain([$0]) }

    /// Begins the first file.
    init(
        path: String, rotation: Rotation, keep: Int?, linkType: LinkType, snapshotLength: Int
    ) throws(CaptureError) {
        self.path = path
        self.rotation = rotation
        self.keep = keep
        self.linkType = linkType
        self.snapshotLength = snapshotLength
        let first = RotatingCaptureWriter.name(path, rotation, 1)
        names = [first]
        file = try open(first)
    }

    /// Opens a file and writes its header. Packets are for nobody else's eyes.
    private func open(_ name: String) throws(CaptureError) -> DumpFile {
        let output: OutputFile
        do {
            output = try OutputFile(
                name, .overwrite, mode: 0o600, acceptsStreams: rotation == .never)
        } catch {
            throw .dump(name, error.reason)
        }
        return try DumpFile(output, linkType: linkType, snapshotLength: snapshotLength)
    }

    /// The file that is written.
    var current: String { names[names.count - 1] }

    /// Appends a frame, to the next file if this one is full.
    func write(_ bytes: Span<UInt8>, wireLength: Int, at time: Timestamp) {
        let start = begun ?? time
        begun = start
        if isFull(bytes.count, time - start) {
            begin(number + 1)
            begun = time
        }
        guard let file else {
            lostFrames += 1
            return
        }
        file.write(bytes, wireLength: wireLength, at: time)
    }

    private func isFull(_ count: Int, _ length: Int64) -> Bool {
        guard let file, file.frames > 0 else { return false }
        return switch rotation {
        case .never: false
        case .time(let limit): length >= limit
        case .size(let limit): file.bytes + 16 + count > limit
        }
    }

    /// Writes out what is buffered. After trouble, tries again every ten seconds.
    func flush(_ now: Timestamp) {
        guard let file else {
            if let retry, now < retry { return }
            retry = now + 10_000_000_000
            guard
                let output = try? OutputFile(current, .append, mode: 0o600, acceptsStreams: false),
                let again = try? DumpFile(continuing: output, bytes: wholeBytes)
            else { return }
            self.file = again
            say("\(current): can be written again, \(lostFrames) frames were lost so far")
            return
        }
        do { try file.flush() } catch {
            say("\(error); frames are lost until then")
            fail(file)
            retry = now + 10_000_000_000
        }
    }

    /// Begins the file anew, after somebody has moved the old one away; with rotation, the next one.
    func reopen() { begin(rotation == .never ? number : number + 1) }

    private func begin(_ next: Int) {
        let name = RotatingCaptureWriter.name(path, rotation, next)
        do {
            try file?.flush()
            file = try open(name)
            number = next
            begun = nil
            if current != name { names.append(name) }
        } catch {
            say("\(error)")
            if let file { fail(file) }
        }
        while let keep, names.count > keep { _ = unsafe unlink(names.removeFirst()) }
    }

    private func fail(_ file: DumpFile) {
        wholeBytes = file.wholeBytes
        self.file = nil
    }

    /// The name of a file in the row: the number goes before the suffix.
    private static func name(_ path: String, _ rotation: Rotation, _ number: Int) -> String {
        if rotation == .never { return path }
        let digits = String(number)
        let text = "-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else {
            return path + text
        }
        return path[..<dot] + text + path[dot...]
    }
}
