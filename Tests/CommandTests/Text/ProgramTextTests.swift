import Foundation
import Reports
import Testing
import Wire

/// What the commands print that write for programs, or about this host: by a terminal's width, in pipes, without UTF-8.
struct ProgramTextTests {
    private static let capture = "Captures/incident.pcapng"

    /// Parts of a capture, made once, and what `split` printed of it. Its path is that of the report's golden texts.
    private static let parts: (split: String, folder: URL, parts: [String])? = {
        guard let folder = try? Tool.temporaryFolder() else { return nil }
        let script = """
            cd '\(Tool.package.path)' && $WIRESTATE split --json --shards 2 --out \(folder.path)/s \(capture) &&
            for n in 0 1; do $WIRESTATE part --shard $n --out \(folder.path)/p$n \(folder.path)/s; done
            """
        guard let outcome = try? Tool.bash(script), outcome.code == 0 else { return nil }
        return (outcome.output, folder, ["p0", "p1"].map { folder.path + "/" + $0 })
    }()

    @Test func `split prints a line of JSON, and part nothing`() throws {
        let line = try #require(Self.parts).split
        // How well shards can be packed is the library's matter.
        let plain = line.replacing(/"size":\d+/, with: "\"size\":0")
        #expect(plain != line)
        try TextOutputTests.expect(plain, is: "pipe/split")
    }

    @Test(arguments: [60, 80, 120, 200])
    func `merge prints the report, at any width`(_ columns: Int) throws {
        let text = try TextOutputTests.onTerminal(
            columns, ["merge"] + #require(Self.parts).parts)
        try TextOutputTests.expect(text, is: "\(columns)/report")
    }

    @Test func `merge prints the report in a pipe, and without UTF-8`() throws {
        let arguments = try ["merge"] + #require(Self.parts).parts
        let plain = try Tool.run(Tool.path, arguments).output
        try TextOutputTests.expect(plain, is: "pipe/report")
        let ascii = try Tool.run(Tool.path, arguments, environment: ["LC_ALL": "C"]).output
        try TextOutputTests.expect(ascii, is: "ascii/report")
    }

    /// zabbix_sender(1) reads lines: a terminal must not break or cut them.
    @Test func `zabbix prints the same everywhere`() throws {
        let arguments = ["zabbix", "--host", "web1", Tool.capture("incident.pcapng")]
        let text = try Tool.run(Tool.path, arguments).output
        try TextOutputTests.expect(text, is: "pipe/zabbix")
        #expect(try TextOutputTests.onTerminal(60, arguments) == text)
        let ascii = try Tool.run(Tool.path, arguments, environment: ["LC_ALL": "C"])
        #expect(ascii.output == text)
    }

    private static let interfaces = [
        InterfaceRow(
            name: "eth0", description: nil,
            addresses: ["192.0.2.2", "2001:db8:1:1:fedc:ba98:7654:3210"].compactMap(Address.init),
            flags: ["up", "running"]),
        InterfaceRow(
            name: "any", description: "Pseudo-device that captures on all interfaces",
            addresses: [], flags: ["up", "running"]),
        InterfaceRow(
            name: "en\u{1b}[1m",
            description: "1" + String(repeating: " Gigabit network card", count: 12),
            addresses: [], flags: ["up", "running", "loopback", "wireless"]),
    ]

    private static func interfaces(_ columns: Int?, _ environment: [String: String] = [:]) -> String
    {
        let layout = TextLayout(terminal: columns) { environment[$0] }
        var format = ASCIIText(TextInterfaces(layout: layout), layout)
        var sink = TextSink()
        for row in interfaces { format.write(row, to: &sink) }
        return sink.text
    }

    @Test(arguments: [60, 80, 120, 200])
    func `Interfaces fit the terminal`(_ columns: Int) throws {
        let text = Self.interfaces(columns)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= columns })
        try TextOutputTests.expect(text, is: "\(columns)/interfaces")
    }

    @Test func `Interfaces are whole in a pipe, and ASCII without UTF-8`() throws {
        let text = Self.interfaces(nil)
        #expect(!text.contains("…"))
        try TextOutputTests.expect(text, is: "pipe/interfaces")
        let ascii = Self.interfaces(60, ["LC_ALL": "C"])
        #expect(ascii.utf8.allSatisfy { $0 < 0x80 })
        try TextOutputTests.expect(ascii, is: "ascii/interfaces")
    }
}
