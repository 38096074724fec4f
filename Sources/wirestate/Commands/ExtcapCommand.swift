import ArgumentParser
import Arguments
import Capture
import Diagnosis
import Documents
import Live
import Reports
import TCPState
import Wire

struct ExtcapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extcap",
        abstract: "Capture live for Wireshark, with state changes as packet comments.",
        usage: "wirestate extcap [<options>]",
        discussion: """
            Wireshark runs programs in its extcap folder (Help, About, Folders) and offers their interfaces. Put \
            the script wirestate-extcap there; it calls this command. Each packet that changes a connection's \
            state has a comment; the next packet after a connection became stuck says so in its comment.

            EXAMPLES
              tshark -D | grep wirestate
              tshark -i wirestate:eth0 -f 'tcp port 80' -Y pkt_comment
            """)

    @Flag(help: "List the interfaces.")
    var extcapInterfaces = false

    @Option(help: ArgumentHelp("Wireshark's version.", valueName: "version"))
    var extcapVersion: String?

    @Option(help: ArgumentHelp("The interface, as listed.", valueName: "name"))
    var extcapInterface: String?

    @Flag(help: "Print the interface's link type.")
    var extcapDlts = false

    @Flag(help: "Print the options that Wireshark asks the user for.")
    var extcapConfig = false

    @Option(help: .hidden)
    var extcapReloadOption: String?

    @Flag(help: "Capture.")
    var capture = false

    @Option(help: ArgumentHelp("The pipe to write to.", valueName: "path"))
    var fifo: String?

    @Option(
        help: ArgumentHelp(
            "Capture only packets that match this pcap-filter(7) expression.",
            valueName: "expression"))
    var extcapCaptureFilter: String?

    @Option(
        help: ArgumentHelp(
            "Thresholds, separated by commas: close-wait=60s,fin-wait-2=5m.",
            valueName: "name=value,…"))
    var threshold = ""

    @Option(help: "How comments spell states: netstat, ss, rfc, otel, bsd or windows.")
    var states: StateSpelling = .netstat

    func validate() throws {
        _ = try ThresholdOverride.thresholds(threshold)
        if !extcapInterfaces, extcapInterface == nil {
            throw ValidationError("Give --extcap-interfaces or --extcap-interface.")
        }
        if capture, fifo == nil { throw ValidationError("--capture needs --fifo.") }
    }

    func run() throws {
        if capture, let extcapInterface, let fifo {
            let thresholds = try ThresholdOverride.thresholds(threshold)
            let filter = extcapCaptureFilter.flatMap { $0.isEmpty ? nil : $0 }
            return try ExtcapSession(
                interface: ExtcapReply.interface(named: extcapInterface), fifo: fifo,
                filter: filter,
                thresholds, states
            ).run()
        }
        let output = Output()
        output.write(try reply)
        try output.end()
    }

    private var reply: String {
        get throws {
            if extcapInterfaces {
                return ExtcapReply.interfaces(
                    try NetworkInterface.all().map(\.name), version: Wirestate.version)
            }
            if extcapConfig {
                return ExtcapReply.options(
                    thresholds: Thresholds.Name.allCases.map(\.name).joined(separator: ", "))
            }
            return ExtcapReply.linkType(ofInterface: extcapInterface ?? "")
        }
    }
}
