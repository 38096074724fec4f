internal import TCPState
internal import Wire

/// The words of `unfinished`.
enum Unfinished: CatalogueEntry {
    static let name = "unfinished"
    static let summary = "still opening or closing when the capture ended"
    static let definition =
        "The connection was half-closed or waiting when the capture ended, but not for long enough to"
        + " judge."

    static func title(_ words: Words) -> String {
        "still opening or closing when the capture ended"
    }

    static func sentence(_ words: Words) -> String {
        "Half-closed or waiting, but not for long enough to judge."
    }

    static func remedy(_ words: Words) -> [String] { ["capture for longer"] }
}
