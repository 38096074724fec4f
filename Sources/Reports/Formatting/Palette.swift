/// Colours for a terminal, or none.
public struct Palette: Sendable {
    /// Whether there are colours.
    public let isOn: Bool

    /// Colours, or none.
    public init(isOn: Bool) { self.isOn = isOn }

    /// No colours.
    public static let plain = Palette(isOn: false)

    func strong(_ text: String) -> String { paint(text, "1") }
    func faint(_ text: String) -> String { paint(text, "2") }
    func bad(_ text: String) -> String { paint(text, "1;31") }
    func odd(_ text: String) -> String { paint(text, "1;33") }
    func good(_ text: String) -> String { paint(text, "32") }

    private func paint(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
