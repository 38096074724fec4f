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

    /// What a recipe adds has a name in capitals, or is its example.
    @Test func `the recipes name files that are there`() throws {
        let page = try text(".github/CONTRIBUTING.md")
        let paths = page.split(separator: "`").map(String.init).filter {
            ($0.hasPrefix("Sources/") || $0.hasPrefix("Tests/") || $0.hasPrefix("Scripts/"))
                && !$0.contains("NAME")
        }.map { $0.prefix { $0 != " " } }
        #expect(paths.count > 10)
        for path in paths {
            let file = Self.package.appendingPathComponent(String(path)).path
            #expect(FileManager.default.fileExists(atPath: file), "\(path)")
        }
    }

    /// Every other target of the libraries sees a `SystemError`.
    @Test func `errno is read in one file`() throws {
        let sources = Self.package.appendingPathComponent("Sources")
        let files = try #require(
            FileManager.default.enumerator(
                at: sources, includingPropertiesForKeys: nil, options: []))
        var readers: [String] = []
        for case let file as URL in files
        where file.pathExtension == "swift" && !file.path.contains("/Benchmarks/") {
            let code = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                .filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            if code.contains(where: { $0.firstMatch(of: /\berrno\b/) != nil }) {
                readers.append(file.lastPathComponent)
            }
        }
        #expect(readers == ["SystemCalls.swift"])
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
