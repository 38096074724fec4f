import ArgumentParser
import Capture

struct Wirestate: ParsableCommand {
    /// This program's version.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "wirestate",
        abstract: "Which TCP connections are half-closed or stuck, which side, and since when.",
        usage: """
            wirestate [report] <files> ... [-- <filter>]
            wirestate <subcommand> <files> ... [-- <filter>]
            """,
        discussion: """
            Reads packet captures, runs one RFC 9293 state machine per endpoint of every TCP \
            connection, and says who is waiting for whom.

            EXAMPLES
              wirestate incident.pcapng
                    what is half-closed or stuck at the end of a capture
              wirestate mon.pcap tue.pcap --filter 'port 5432'
                    two files as one time line, the database only
              wirestate incident.pcapng -- host 10.1.1.2 and port 8080
                    the filter as last words, as with tcpdump
              tcpdump -i eth0 -w - -c 10000 tcp | wirestate -
                    from a pipe
              wirestate transitions incident.pcapng | grep CLOSE_WAIT
                    every change of state, in time order
              wirestate connections --json incident.pcapng | jq .close_cause
                    one JSON object per connection

            Exit codes: 0 done, 1 check found something, 2 usage, 3 trouble with a file or with the output.
            """,
        version: "wirestate \(version), \(libpcapVersion)",
        subcommands: [
            ReportCommand.self, CheckCommand.self, TransitionsCommand.self, ConnectionsCommand.self,
            NetstatCommand.self, ExplainCommand.self, LiveCommand.self, ServeCommand.self,
            EventsCommand.self, ZabbixCommand.self, InterfacesCommand.self, ExtcapCommand.self,
            SchemaCommand.self,
        ],
        defaultSubcommand: ReportCommand.self)
}
