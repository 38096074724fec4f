import ArgumentParser

@main
struct Wirestate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wirestate",
        abstract: "Which TCP connections are half-closed or stuck, which side, and since when.",
        version: "0.1.0",
        subcommands: [TransitionsCommand.self])
}
