public import ArgumentParser
public import Reports

// How the parser reads the values of --format and of the flags beside it.

extension OutputFormat {
    /// Refuses flags that say something else than `--format`, or than each other.
    static func validate(_ format: Self?, _ flags: [Flag]) throws {
        if let conflict = conflict(format, flags) { throw ValidationError(conflict) }
    }
}

extension TextOrJSON: ExpressibleByArgument {}
extension ReportFormat: ExpressibleByArgument {}
extension SocketFormat: ExpressibleByArgument {}
extension ConnectionsFormat: ExpressibleByArgument {}
extension TransitionsFormat: ExpressibleByArgument {}
extension TransitionsOrder: ExpressibleByArgument {}
extension ConnectionsOrder: ExpressibleByArgument {}
extension JSONNames: ExpressibleByArgument {}
