import Analysis
import Foundation
import TestKit
import Wire

/// A capture file in a folder of its own, made of conversations; removed when it is released.
final class Capture {
    let path: String
    private let folder: URL

    /// Merges the conversations by time, up to a moment, with what a filter keeps.
    init(
        _ talks: [Conversation], until end: Timestamp = Timestamp(nanoseconds: .max),
        where keeps: (Segment) -> Bool = { _ in true }
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "wirestate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("made.pcap").path
        var writer = PcapWriter(isNanosecond: true)
        let segments = talks.flatMap(\.segments).filter { $0.time < end && keeps($0.segment) }
        let ordered = segments.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        for (_, one) in ordered {
            writer.append(PacketBuilder(one.segment).ethernet, at: one.time)
        }
        try Data(writer.bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A path beside the capture.
    func beside(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func analysis(_ change: (inout AnalysisOptions) -> Void = { _ in }) -> CaptureAnalysis {
        var options = AnalysisOptions(files: [path])
        change(&options)
        return CaptureAnalysis(options)
    }
}

extension Conversation {
    /// A client whose number chooses its address and port.
    static func numbered(_ number: Int) -> Conversation {
        let client = Address(ipv4: 0x0a01_0000 + UInt32(number / 100))
        let talk = Conversation(incident: (), client: (client, UInt16(20_000 + number % 100)))
        talk.wait(.milliseconds(number))
        return talk
    }
}

/// Some connections that end well, some whose server does not close, some that are refused.
func mixture(_ count: Int) -> [Conversation] {
    (0..<count).map { number in
        let talk = Conversation.numbered(number)
        if number % 5 == 0 {
            talk.client.syn()
            talk.server.rstAck()
            return talk
        }
        talk.open()
        talk.client.send(100)
        talk.server.send(200)
        talk.client.fin()
        talk.server.ack()
        if number % 3 == 0 { return talk }
        talk.server.fin()
        talk.client.ack()
        return talk
    }
}
