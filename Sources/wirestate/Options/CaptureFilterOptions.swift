import ArgumentParser

/// The capture filter, which may stand behind `--` as well.
struct CaptureFilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read only frames that match this pcap-filter(7) expression; it can also follow '--'.",
            valueName: "expression"))
    var filter: String?

    /// What stood after `--`, in one word: see `FilterWords` of Arguments.
    @Option(help: .hidden)
    var filterWords: String?

    /// The filter, from wherever it was given.
    var expression: String? { filterWords ?? filter }

    mutating func validate() throws {
        if filter != nil, filterWords != nil {
            throw ValidationError("The filter is given twice: use --filter or '--', not both.")
        }
    }
}
