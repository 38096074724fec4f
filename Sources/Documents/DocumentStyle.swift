public import Reports
public import TCPState

/// How what is printed is written.
public struct DocumentStyle: Sendable {
    /// How states are spelled.
    public var spelling: StateSpelling
    /// How text is laid out.
    public var layout: TextLayout
    /// Whose names JSON fields have.
    public var names: JSONNames

    /// Takes all three.
    public init(spelling: StateSpelling, layout: TextLayout, names: JSONNames = .wirestate) {
        self.spelling = spelling
        self.layout = layout
        self.names = names
    }

    /// How JSON is written.
    public func json(_ frames: FrameNumbering = .oneFile) -> JSONStyle {
        JSONStyle(spelling: spelling, frames: frames, names: names)
    }
}
