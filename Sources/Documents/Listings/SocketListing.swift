public import Analysis
public import Reports
public import TCPState
public import Wire

/// What is printed of the sockets of a capture.
public struct SocketListing {
    /// The form.
    public var format = SocketFormat.text
    /// Shows timers by this profile; nil for none.
    public var timers: StackProfile?
    /// Counts the sockets in each state instead of listing them.
    public var isHistogram = false
    /// Whether the one instant is the end of the capture.
    public var isEnd = false
    /// Whether each table has its time above it.
    public var hasTitles = false

    private let style: DocumentStyle

    /// Tables of all sockets, as netstat has them.
    public init(_ style: DocumentStyle) { self.style = style }

    /// How states are spelled: ss has spellings of its own.
    var spelling: StateSpelling {
        format == .ss && style.spelling == .netstat ? .ss : style.spelling
    }

    /// Prints the sockets.
    ///
    /// - Parameter owners: shows only these addresses' sockets; empty for all.
    public func write(_ series: SocketSeries, of owners: AddressSet, to output: Output) {
        if isHistogram {
            let samples = series.samples(of: owners)
            if format == .json {
                output.write(samples, as: JSONStateSeries(style.json()))
            } else {
                output.write(samples, as: StateSeries(spelling: spelling))
            }
            return
        }
        let tables = series.tables(of: owners, isEnd: isEnd, hasTitles: hasTitles)
        switch format {
        case .json: write(tables, as: JSONSockets(style.json(), timers: timers), to: output)
        case .ss: write(tables, as: SSTable(spelling: spelling, timers: timers), to: output)
        case .text: write(tables, as: NetstatTable(spelling: spelling, timers: timers), to: output)
        }
    }

    private func write<F: Format>(
        _ tables: some Sequence<F.Content>, as format: F, to output: Output
    ) {
        var (format, output) = (format, output)
        for table in tables where !output.isClosed { format.write(table, to: &output) }
    }
}
