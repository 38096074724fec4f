import Analysis
import ArgumentParser
import Documents
import Glibc
import HTTPServer
import Host
import POSIX
import Reports
import WebPage

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a page with a time slider: sockets, states and findings at any moment.",
        usage: "wirestate serve [<options>] <files> ... [-- <filter>]",
        discussion: """
            Reads the captures, then serves a page until interrupted (Ctrl-C). It shows the states over time and, \
            for the selected moment, the sockets of both ends as netstat would have printed them and the findings \
            so far. Each row links to its segments and has its Wireshark display filter.

            EXAMPLES
              wirestate serve incident.pcapng
                    then open the URL that it prints
              wirestate serve --listen 127.0.0.1:8080 mon.pcap tue.pcap
                    use another port
              ssh -L 9470:127.0.0.1:9470 host wirestate serve /var/tmp/incident.pcapng
                    view captures that are on another host
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    mutating func validate() throws {
        if options.files.contains(where: isStream) {
            throw ValidationError(
                "serve reads the captures again for each ladder, so standard input and pipes do not work."
            )
        }
        if options.follow || options.json {
            throw ValidationError("serve does not support --follow or --json.")
        }
    }

    func run() throws {
        let address = service.address ?? ListenAddress("127.0.0.1:9470")
        guard let address else { return }
        let access = try service.access(address)
        let (input, report) = try options.analysis.report(
            findings.limits, spelling: options.states)
        let output = Output()
        if input.hasNothing { return try input.end(output) }
        let timeline = try CaptureTimeline(options.analysis, report: report, findings.limits)
        // Until here a signal ends the program at once: a large capture takes its time to read.
        let signals = try SignalQueue([SIGINT, SIGTERM])
        let server: HTTPServer
        do {
            server = try HTTPServer(
                at: address, CaptureApplication(timeline), access: access, takesTime: true)
        } catch {
            throw RunFailure("--listen \(address.text(port: address.port)): \(error)")
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
