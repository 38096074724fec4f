import Foundation
import Testing

/// Contract 1: nothing is lost silently.
struct FrameCountTests {
    static let capinfos = ["/usr/bin/capinfos", "/usr/local/bin/capinfos"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static func summary(_ capture: String) throws -> [String: Any] {
        let outcome = try Tool.run("--json", Tool.capture(capture))
        return try #require(try Tool.objects(outcome.output).first?["capture"] as? [String: Any])
    }

    @Test(arguments: Tool.captures)
    func `Frames read are segments tracked and frames set aside`(_ capture: String) throws {
        let summary = try Self.summary(capture)
        let frames = try #require(summary["frames"] as? Int)
        let segments = try #require(summary["tcp"] as? Int)
        let aside = try #require(summary["set_aside"] as? [String: Int])
        #expect(frames > 0)
        #expect(frames == segments + aside.values.reduce(0, +))
    }

    @Test(
        .enabled(if: capinfos != nil, "capinfos is missing (apt-get install wireshark-common)"),
        arguments: Tool.captures)
    func `Frames read are what capinfos counts`(_ capture: String) throws {
        let path = try #require(Self.capinfos)
        let outcome = try Tool.run(path, ["-c", "-M", "-T", "-r", Tool.capture(capture)])
        let count = outcome.output.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) }
        #expect(try Self.summary(capture)["frames"] as? Int == count)
    }

    @Test(arguments: Tool.captures)
    func `Packets of all connections are the segments tracked`(_ capture: String) throws {
        let outcome = try Tool.run("connections", "--json", Tool.capture(capture))
        let packets = try Tool.objects(outcome.output).compactMap { $0["packets"] as? Int }
        #expect(packets.reduce(0, +) == (try Self.summary(capture)["tcp"] as? Int))
    }
}
