internal import TCPState
internal import Wire

/// An arrow of a ladder, for a segment on its way from one lane to another, or to where it was lost.
struct LadderArrow {
    let from: Double
    let to: Double
    let y: Double
    /// Whether it is drawn to be noticed.
    let isOdd: Bool
    var label: String
    /// What stands below it.
    var note = ""
    /// Whether it ends without having arrived.
    var isLost = false
    /// Whether it begins where no tap is.
    var isMade = false
    /// Whether it ends at a tap behind which it goes on.
    var goesOn = false

    /// The picture.
    var drawing: Markup {
        let kind = isOdd ? "segment odd" : "segment"
        let tip = to > from ? -8.0 : 8.0
        var result = tag(
            "line",
            [
                "class": kind, "x1": number(from), "x2": number(to), "y1": number(y + 5),
                "y2": number(y + 5),
            ])
        if isLost { result += cross(at: to) }
        if isMade { result += cross(at: from) }
        if !isLost, !goesOn {
            result += tag(
                "path",
                [
                    "class": kind + " tip",
                    "d":
                        "M\(number(to)) \(number(y + 5))L\(number(to + tip)) \(number(y + 1))L\(number(to + tip)) \(number(y + 9))Z",
                ])
        }
        for (text, y) in [(label, y + 1), (note, y + 16)] where !text.isEmpty {
            result += tag(
                "text",
                [
                    "class": isOdd ? "label odd" : "label", "x": number((from + to) / 2),
                    "y": number(y), "text-anchor": "middle",
                ], text)
        }
        return result
    }

    private func cross(at x: Double) -> Markup {
        tag(
            "text",
            ["class": "label odd", "x": number(x), "y": number(y + 9), "text-anchor": "middle"],
            "×")
    }
}

/// What the rows of all ladders share.
enum LadderRows {
    /// Which entries are drawn: those that matter and their neighbours, from both ends inwards; all of a few.
    static func choose(_ matters: [Bool], limit: Int) -> [Bool] {
        var kept = [Bool](repeating: matters.count <= limit / 2, count: matters.count)
        var room = limit
        let order = matters.indices.sorted {
            min($0, matters.count - 1 - $0) < min($1, matters.count - 1 - $1)
        }
        for index in order where matters[index] && room > 0 {
            for neighbour in [index - 1, index, index + 1]
            where matters.indices.contains(neighbour) && !kept[neighbour] {
                kept[neighbour] = true
                room -= 1
            }
        }
        return kept
    }

    /// `SYN`, `ACK 100 bytes`: what a segment is.
    static func label(_ flags: TCPFlags, _ payloadLength: UInt32) -> String {
        let flags = flags.subtracting([.psh, .ece, .cwr, .ae]).description
        return payloadLength > 0 ? "\(flags) \(grouped(payloadLength)) bytes" : flags
    }

    /// Seconds with six decimals.
    static func seconds(_ span: TimeSpan) -> String {
        let micros = Int64((Double(span.nanoseconds) / 1e3).rounded())
        let fraction = String(micros.magnitude % 1_000_000)
        return "\(micros < 0 ? "-" : "")\(micros.magnitude / 1_000_000)."
            + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
