import ArgumentParser
import Capture
import Reports

struct InterfacesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interfaces",
        abstract: "List the network interfaces that live can capture on.",
        usage: "wirestate interfaces [<options>]",
        discussion: """
            EXAMPLES
              wirestate interfaces
              wirestate interfaces --json | jq -r .name
            """)

    @Option(help: "How to print them: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @Flag(help: "JSON lines: short for --format json.")
    var json = false

    @OptionGroup var text: TextOptions

    func validate() throws { try TextOrJSON.validate(format, [("json", json, .json)]) }

    func run() throws {
        let interfaces = try NetworkInterface.all()
        let isJSON = TextOrJSON.chosen(format, [("json", json, .json)]) == .json
        let output =
            isJSON
            ? list(interfaces, JSONInterfaces())
            : list(interfaces, ASCIIText(TextInterfaces(layout: text.layout), text.layout))
        output.finish()
        if output.exitCode != 0 { throw CommandFailure(code: output.exitCode) }
        if interfaces.isEmpty {
            throw CommandFailure(lines: [
                "no interface can be captured on: run as root, or grant CAP_NET_RAW"
            ])
        }
    }

    private func list<F: Format<InterfaceRow>>(
        _ interfaces: [NetworkInterface], _ format: F
    ) -> Output {
        var format = format
        var output = Output()
        let names: [(NetworkInterface.Flags, String)] = [
            (.up, "up"), (.running, "running"), (.loopback, "loopback"), (.wireless, "wireless"),
        ]
        for interface in interfaces {
            let flags = names.filter { interface.flags.contains($0.0) }.map(\.1)
            let row = InterfaceRow(
                name: interface.name, description: interface.description,
                addresses: interface.addresses, flags: flags)
            format.write(row, to: &output)
        }
        return output
    }
}
