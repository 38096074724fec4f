import Analysis
import Coding
import Foundation
import TCPState
import TestKit
import Testing

/// A connection comes back from its bytes with every field that it has: one that is added has to be written, too.
struct RecordCodingTests {
    private func text(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        // Where a tracker keeps rare facts and what is pending is the tracker's own matter.
        return text.split(separator: "\n").filter {
            !$0.contains("rareFactsSlot") && !$0.contains("pendingFirst")
        }.joined(separator: "\n")
    }

    private func text(of record: ConnectionRecord) -> String {
        let ends = Side.allCases.map { text(record.connection[$0]) }
        return text(record.key) + text(record.connection) + ends.joined()
            + text(record.rareFacts as Any)
    }

    @Test(arguments: ["incident.pcapng", "port-reuse.pcap", "reset-by-client.pcap"])
    func `Nothing is lost`(name: String) throws {
        let path = DocumentationTests.package.appendingPathComponent("Captures/\(name)").path
        let analysis = CaptureAnalysis(AnalysisOptions(files: [path]))
        var records: [ConnectionRecord] = []
        _ = try analysis.connections { record, _ in records.append(record) }
        #expect(!records.isEmpty)
        var coder = BinaryCoder()
        for record in records { record.encode(to: &coder) }
        var reader = BinaryCoder(reading: coder.bytes)
        for record in records {
            let read = ConnectionRecord(from: &reader)
            #expect(text(of: read) == text(of: record))
        }
        #expect(reader.isWhole)
    }
}
