import Foundation
import Testing

private let analyzer = "/usr/bin/systemd-analyze"

/// The unit for systemd.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: analyzer),
        "skipped: the systemd unit: there is no systemd-analyze"))
struct ServiceTests {
    private static let unit = Tool.package.appendingPathComponent("Scripts/wirestate.service")

    @Test func `The unit leaves a service little that it could do`() throws {
        // Of 10; systemd calls up to 2 safe. What is left is captures: packet sockets, the host's network.
        let outcome = try Tool.run(
            analyzer,
            ["security", "--offline=true", "--no-pager", "--threshold=16", Self.unit.path])
        #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
        for setting in [
            "MemoryDenyWriteExecute=", "ProtectProc=", "ProcSubset=", "NoNewPrivileges=",
            "IPAddressDeny=", "RestrictNamespaces=~user", "UMask=",
        ] {
            let line = outcome.lines.first { $0.contains(setting) }
            // Only addresses of this host are an exception that the tool counts.
            let isGood =
                setting == "IPAddressDeny=" ? line?.contains("only localhost") : line?.contains("✓")
            #expect(isGood == true, "\(setting): \(line ?? "")")
        }
    }

    @Test func `systemd reads the unit without complaint`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        // It looks whether the program is there.
        let text = try String(contentsOf: Self.unit, encoding: .utf8)
            .replacingOccurrences(of: "/usr/local/bin/wirestate", with: Tool.path)
        let copy = folder.appendingPathComponent("wirestate.service")
        try Data(text.utf8).write(to: copy)
        let outcome = try Tool.run(analyzer, ["verify", "--man=no", copy.path])
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    }
}
