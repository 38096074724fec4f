import Diagnosis
import Foundation
import Testing

struct FindingsPageTests {
    @Test func `the page of findings has a row for every diagnosis`() throws {
        let package = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: package.appendingPathComponent(
                "Sources/wirestate/Documentation.docc/Findings.md"), encoding: .utf8)
        for diagnosis in Diagnosis.allCases {
            #expect(page.contains("\n| `\(diagnosis.name)` |"), "\(diagnosis.name)")
        }
    }
}
