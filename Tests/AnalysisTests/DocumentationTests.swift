import Foundation
import TestKit
import Testing

/// What the documents say of the code.
struct DocumentationTests {
    static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.package.appendingPathComponent(path), encoding: .utf8)
    }

    private static let architecture = package.appendingPathComponent(
        "Sources/wirestate/Documentation.docc/Architecture.md")

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: architecture.path),
            "there is no architecture page"))
    func `the architecture page names every target`() throws {
        let page = try String(contentsOf: Self.architecture, encoding: .utf8)
        let sources = try FileManager.default.contentsOfDirectory(
            atPath: Self.package.appendingPathComponent("Sources").path)
        for name in sources { #expect(page.contains("`\(name)`"), "\(name)") }
    }

    @Test func `every target is a folder of Sources or Tests`() throws {
        let manifest = try text("Package.swift")
        for top in ["Sources", "Tests"] {
            let folders = try FileManager.default.contentsOfDirectory(
                atPath: Self.package.appendingPathComponent(top).path)
            for folder in folders {
                let name = top == "Tests" ? String(folder.dropLast(5)) : folder
                #expect(
                    manifest.contains("\"\(name)\"") || manifest.contains("\"\(folder)\""),
                    "\(folder)")
            }
        }
    }

    @Test func `the libraries give findings in a few lines`() throws {
        let capture = try Capture(mixture(30))
        var lines: [String] = []
        try printFindings(capture.path) { lines.append($0) }
        #expect(lines.contains { $0.hasPrefix("6 refused") })
    }

    @Test func `no folder of sources has more than 18 files`() throws {
        for top in ["Sources", "Tests"] {
            let folder = Self.package.appendingPathComponent(top)
            let files = try #require(
                FileManager.default.enumerator(
                    at: folder, includingPropertiesForKeys: nil, options: []))
            var counts: [String: Int] = [:]
            for case let file as URL in files where file.pathExtension == "swift" {
                counts[file.deletingLastPathComponent().path, default: 0] += 1
            }
            for (path, count) in counts {
                #expect(count <= 18, "\(path)")
            }
        }
    }
}
