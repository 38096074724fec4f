internal import Diagnosis
internal import HTMLReport
internal import Reports
internal import TCPState
internal import Wire

/// A connection, segment by segment, with how to see it elsewhere.
struct LadderPage {
    let ladder: Ladder
    let frames: FrameNumbering
    let filter: String
    /// The command that prints the same; nil where there is none.
    let command: String?
    /// How wide the drawing is, as the request says.
    let size: LadderDrawing.Size

    var markup: Markup {
        let record = ladder.record
        let opener = record.connection.opener
        let names = [opener, opener.peer].map { record.address($0).text(port: record.port($0)) }
        let duration = record.connection.lastSeen - record.connection.firstSeen
        var result = tag("h2", "\(names[0]) → \(names[1])")
        result += tag(
            "p", ["class": "hint"],
            "\(TimeText(record.connection.firstSeen).iso8601), \(Age(duration)). "
                + Role.allCases.map { role in
                    let end = record.connection[role]
                    return
                        "\(role.name): \(grouped(end.packets)) packets, \(grouped(end.payload)) bytes"
                }.joined(separator: "; "))
        result += tag(
            "p", [:],
            Markup("Wireshark: ")
                + tag("code", ["class": "copy", "tabindex": "0", "role": "button"], filter))
        if let command {
            result += tag(
                "p", [:],
                Markup("In a terminal: ")
                    + tag("code", ["class": "copy", "tabindex": "0", "role": "button"], command))
        }
        return result
            + tag("figure", [:], LadderDrawing(ladder, frames: frames, size: size).drawing)
    }
}

extension LadderDrawing.Size {
    /// What a page asks for; that of most screens where it asks for nothing known.
    init(requested name: String?) { self = name.flatMap { .init(rawValue: $0) } ?? .page }
}

extension StateAreas.Size {
    /// The same.
    init(requested name: String?) { self = name.flatMap { .init(rawValue: $0) } ?? .page }
}
