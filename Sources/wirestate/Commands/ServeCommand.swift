import Analysis
import ArgumentParser
import Glibc
import HTTPServer
import Host
import POSIX
import Reports
import WebPage

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "A page with a time slider: sockets, states and findings at any moment.",
        usage: "wirestate serve [<options>] <files> ... [-- <filter>]",
        discussion: """
            Reads the captures, then serves a page until interrupted: the states over time, and for the moment \
            that is chosen the sockets of both ends, as netstat would have printed them, and the findings so far. \
            Each row leads to its segments and to its display filter for Wireshark.

            EXAMPLES
              wirestate serve incident.pcapng
                    then open the address that it prints
              wirestate serve --listen 127.0.0.1:8080 mon.pcap tue.pcap
                    at a port of your choice
              ssh -L 9470:127.0.0.1:9470 host wirestate serve /var/tmp/incident.pcapng
                    the page of another host's captures
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    mutating func validate() throws {
        if options.files.contains(where: isStream) {
            throw ValidationError(
                "serve reads the captures again: standard input and pipes cannot be.")
        }
        if options.follow || options.json {
            throw ValidationError("serve has neither --follow nor --json.")
        }
    }

    func run() throws {
        let address = service.address ?? ListenAddress("127.0.0.1:9470")
        guard let address else { return }
        let access = try service.access(address)
        let signals = try SignalQueue([SIGINT, SIGTERM])
        let (input, report) = try options.analysis.report(
            findings.limits, spelling: options.states)
        let output = Output()
        if input.hasNothing { return try input.end(output) }
        let timeline = try CaptureTimeline(options.analysis, report: report, findings.limits)
        let server: HTTPServer
        do {
            server = try HTTPServer(
                at: address, CaptureApplication(timeline), access: access, takesTime: true)
        } catch {
            throw CommandFailure(lines: ["--listen \(address.text(port: address.port)): \(error)"])
        }
        output.write("http://\(address.text(port: server.port))/\n")
        output.flush()
        var signal: Int32?
        while signal == nil {
            wait(on: [signals.descriptor], milliseconds: 60_000)
            signal = signals.next()
        }
        server.close()
        try input.end(output)
    }
}
