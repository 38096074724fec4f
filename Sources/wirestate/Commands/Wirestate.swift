import ArgumentParser
import Capture

struct Wirestate: ParsableCommand {
    /// This program's version.
    static let version = "0.1.0"
    /// The same with that of libpcap, for `--version`.
    static var versionText: String { "wirestate \(version), \(libpcapVersion)" }

    static let configuration = CommandConfiguration(
        commandName: "wirestate",
        abstract: "Find half-closed, stuck and reset TCP connections in packets.",
        usage: """
            wirestate [report] <files> ... [-- <filter>]
            wirestate <subcommand> <files> ... [-- <filter>]
            """,
        discussion: """
            Reads packet captures, runs one RFC 9293 state machine per endpoint of every TCP connection, \
            and reports which side is at fault, since when, why, and what to do.

            EXAMPLES
              wirestate incident.pcapng
                    report what is wrong, who has to act, and what to do
              wirestate mon.pcap tue.pcap --filter 'port 5432'
                    two files as one timeline, the database only
              wirestate incident.pcapng -- host 10.1.1.2 and port 8080
                    the filter at the end, as with tcpdump
              tcpdump -i eth0 -w - -c 10000 tcp | wirestate -
                    read a pipe
              wirestate transitions incident.pcapng | grep CLOSE_WAIT
                    every state change, in time order
              wirestate connections --json incident.pcapng | jq .close_cause
                    one JSON object per connection

            HELP TOPICS
              wirestate help kinds         the kinds of findings
              wirestate help thresholds    the thresholds of --threshold
              wirestate help filters       the filter language of --where

            Exit codes: 0 done, 1 a check failed, 2 usage error, 3 a file or the output failed.
            """,
        version: versionText,
        subcommands: [
            ReportCommand.self, CheckCommand.self, TransitionsCommand.self, ConnectionsCommand.self,
            NetstatCommand.self, ExplainCommand.self, CompareCommand.self, LiveCommand.self,
            ServeCommand.self,
            EventsCommand.self, ZabbixCommand.self, InterfacesCommand.self, ExtcapCommand.self,
            SchemaCommand.self, SplitCommand.self, PartCommand.self, MergeCommand.self,
        ],
        defaultSubcommand: ReportCommand.self)
}
