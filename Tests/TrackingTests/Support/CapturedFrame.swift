import Capture
import Coding
import Foundation
import TCPState
import Tracking
import Wire

/// A frame with what a capture says of it.
struct CapturedFrame {
    let bytes: [UInt8]
    let linkType: LinkType
    let wireLength: Int
    let time: Timestamp
    let interface: UInt32

    /// The names of the captures in a folder of the package's, which is named by its path and a slash.
    static func captures(in folder: String) throws -> [String] {
        let directory = KernelLog.directory.appending(path: folder)
        return try FileManager.default.contentsOfDirectory(atPath: directory.path)
            .filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }
            .sorted().map { folder + $0 }
    }

    /// All of a capture.
    static func all(of capture: String) throws -> [CapturedFrame] {
        var reader = try CaptureReader(
            files: [KernelLog.directory.appending(path: capture).path])
        var all: [CapturedFrame] = []
        while let frame = reader.next() {
            all.append(
                CapturedFrame(
                    bytes: frame.bytes.indices.map { frame.bytes[$0] }, linkType: frame.linkType,
                    wireLength: frame.wireLength, time: frame.timestamp,
                    interface: frame.interface))
        }
        return all
    }
}

/// Keeps all of the final records, and looks at nothing else.
struct WholeRecords: TrackingObserver {
    static var seesClosedConnectionsOnly: Bool { true }

    var closed: [[UInt8]] = []

    mutating func observe(_ transition: Transition) -> UInt32 { 0 }
    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {}
    mutating func withdraw(_ token: UInt32) {}
    mutating func amend(_ token: UInt32, to state: State) {}
    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        var coder = BinaryCoder()
        record.encode(to: &coder)
        closed.append(coder.bytes + [reason == .evicted ? 1 : 0])
    }
}
