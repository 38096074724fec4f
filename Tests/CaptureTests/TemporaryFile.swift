import Foundation

/// A file with given bytes, removed with its owner.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8], name: String = "capture") throws {
        path = "\(NSTemporaryDirectory())wirestate-\(UUID().uuidString)-\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    convenience init(_ capture: CaptureBytes, name: String = "capture") throws {
        try self.init(capture.bytes, name: name)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The captures that come with the sources.
let sourceCaptures: [String] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Captures")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
        .map { folder.appendingPathComponent($0).path }
}()
