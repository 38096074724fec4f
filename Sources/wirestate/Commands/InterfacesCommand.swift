import Analysis
import ArgumentParser
import Capture
import Documents
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

    @Option(help: "Output format: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @Flag(help: "Print JSON lines: short for --format json. See 'wirestate schema'.")
    var json = false

    @OptionGroup var text: TextOptions

    func validate() throws { try TextOrJSON.validate(format, [("json", json, .json)]) }

    func run() throws {
        let interfaces = try NetworkInterface.all()
        let isJSON = TextOrJSON.chosen(format, [("json", json, .json)]) == .json
        let output = Output()
        for interface in interfaces.map(InterfaceRow.init(_:)) {
            if isJSON {
                output.write(interface, as: JSONInterfaces())
            } else {
                output.write(
                    interface, as: ASCIIText(TextInterfaces(layout: text.layout), text.layout))
            }
        }
        try output.end()
        if interfaces.isEmpty {
            throw RunFailure("no interface can be captured on: run as root, or grant CAP_NET_RAW")
        }
    }
}
