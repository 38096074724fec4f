internal import Wire

/// Interfaces for people: name and state, then the addresses.
public struct TextInterfaces: Format {
    private let layout: TextLayout

    /// Makes one.
    public init(layout: TextLayout = TextLayout()) { self.layout = layout }

    /// Writes an interface.
    public mutating func write(_ row: InterfaceRow, to sink: inout some Sink & ~Copyable) {
        let text = ([row.name] + row.flags).joined(separator: " ")
        sink.write(layout.fitted(text.visible, layout.columns) + "\n")
        if let description = row.description, !description.isEmpty {
            sink.write(layout.fitted("    " + description.visible, layout.columns) + "\n")
        }
        for address in row.addresses { sink.write("    \(address.description)\n") }
    }
}

/// Interfaces as JSON lines.
public struct JSONInterfaces: Format {
    /// Makes one.
    public init() {}

    /// Writes an interface.
    public mutating func write(_ row: InterfaceRow, to sink: inout some Sink & ~Copyable) {
        sink.write(JSONRecords.interface.line(row, JSONStyle()))
    }
}
