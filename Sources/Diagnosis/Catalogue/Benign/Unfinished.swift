internal import TCPState
internal import Wire

/// The words of `unfinished`.
enum Unfinished: CatalogueEntry {
    static let name = "unfinished"

    static func title(_ words: Words) -> String {
        "being opened or closed when the capture ends"
    }

    static func sentence(_ words: Words) -> String {
        return "Half-closed or waiting, but not for long."
    }

    static func remedy(_ words: Words) -> [String] {
        return ["capture for longer"]
    }
}
