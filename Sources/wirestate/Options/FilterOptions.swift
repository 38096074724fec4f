import ArgumentParser
import Reports

/// The flag of the commands that can leave connections out.
struct FilterOptions: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            """
            Only connections that match, such as 'state:close-wait port:443 age>60s'; \
            see 'wirestate help filters'.
            """, valueName: "filter"),
        transform: ConnectionFilter.init(argument:))
    var condition = ConnectionFilter.all
}

extension ConnectionFilter {
    /// Reads the value of an option.
    fileprivate init(argument: String) throws {
        do { self = try ConnectionFilter(argument) } catch {
            throw ValidationError("\(error)")
        }
        if asksForProcess {
            throw ValidationError("'process:' is for live: captures do not name processes")
        }
    }
}
