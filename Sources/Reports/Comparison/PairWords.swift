package import Comparison
internal import Diagnosis
internal import Wire

/// What two neighbouring taps have in common, in words.
package struct PairWords {
    private let pair: PairComparison
    private let layout: TextLayout

    /// - Parameter layout: how times are written.
    package init(_ pair: PairComparison, _ layout: TextLayout = TextLayout()) {
        self.pair = pair
        self.layout = layout
    }

    private var near: String { pair.near.name.visible }
    private var far: String { pair.far.name.visible }

    /// The connections that both taps saw, and how they were found.
    package var matches: String {
        let kinds = ConnectionMatch.Kind.allCases.compactMap { kind -> String? in
            let count = pair.matches.count { $0.kind == kind }
            return count == 0 ? nil : "\(Count(count)) \(PairWords.words(kind))"
        }
        let found = pair.matches.count
        return "\(Count(found).of("connection")) at both"
            + (kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))")
            + ", \(Count(pair.near.connections.count - found)) at \(near) only,"
            + " \(Count(pair.far.connections.count - found)) at \(far) only."
    }

    private static func words(_ kind: ConnectionMatch.Kind) -> String {
        switch kind {
        case .same: "with the same addresses"
        case .translated: "translated"
        case .relayed: "joined by a proxy, inferred"
        }
    }

    /// How the clocks differ.
    package var clock: String {
        guard let piece = pair.clock.pieces.last else {
            return "The clocks cannot be compared: no segment was seen at both taps."
        }
        let isAhead = piece.offset.nanoseconds >= 0
        var text =
            "The \(far) clock is \(ClockText.span(piece.offset.magnitude)) \(isAhead ? "ahead" : "behind")"
        if let margin = piece.margin {
            text +=
                " (± \(ClockText.span(margin)), at \(layout.time(piece.reference).clock(3)))"
        } else {
            text += " or \(isAhead ? "less" : "more"): segments went one way only"
        }
        if let bounds = piece.driftBounds {
            text +=
                " and gains \(ClockText.ppm(piece.drift)) ppm (\(ClockText.ppm(bounds.lowerBound)) to"
                + " \(ClockText.ppm(bounds.upperBound)))"
        }
        guard pair.clock.steps > 0 else { return text + "." }
        return text
            + ". A clock was set \(Count(pair.clock.steps).of("time")) meanwhile; this is the last"
            + " stretch."
    }

    /// What became of the segments, a sentence for each direction.
    package var fates: [String] {
        [true, false].compactMap { isOutward in
            let text = PairWords.text(pair.fateCounts(isOutward: isOutward))
            guard !text.isEmpty else { return nil }
            return
                "\(isOutward ? near : far) → \(isOutward ? far : near): \(text).\(delay(isOutward))"
        }
    }

    /// ` Median delay 5.210 ms (4.909 to 5.511 ms).`
    private func delay(_ isOutward: Bool) -> String {
        guard let delay = pair.delay(isOutward: isOutward), let bounds = delay.bounds else {
            return ""
        }
        return " Median delay \(ClockText.span(delay.median)) (\(ClockText.span(bounds.low)) to"
            + " \(ClockText.span(bounds.high)))."
    }

    /// `1,000 arrived, 3 lost`.
    private static func text(_ fateCounts: FateCounts) -> String {
        let words: [(SegmentFate, String)] = [
            (.arrived, "arrived"), (.regrouped, "in segments of different sizes"), (.lost, "lost"),
            (.injected, "injected between"), (.duplicated, "duplicated"),
            (.missed, "missed by a tap"), (.notCovered, "not covered by both captures"),
        ]
        var parts = words.compactMap { fate, word in
            fateCounts[fate] > 0 ? "\(Count(fateCounts[fate])) \(word)" : nil
        }
        if fateCounts.reordered > 0 { parts.append("\(Count(fateCounts.reordered)) overtaken") }
        if fateCounts.altered > 0 { parts.append("\(Count(fateCounts.altered)) altered") }
        return parts.joined(separator: ", ")
    }
}

/// Offsets and drifts of clocks as text.
private enum ClockText {
    /// `1.482301 s`, `0.120 ms`.
    static func span(_ span: TimeSpan) -> String {
        // A median below zero lies within its bounds, as the clocks are known no better.
        let nanoseconds = max(0, span.nanoseconds)
        if nanoseconds >= 1_000_000_000 {
            return "\(decimal(nanoseconds / 1000, places: 6)) s"
        }
        return "\(decimal(nanoseconds / 1000, places: 3)) ms"
    }

    /// Parts per million with one digit after the point.
    static func ppm(_ rate: Double) -> String {
        let tenths = Int64((rate * 1e7).rounded())
        return (tenths < 0 ? "-" : "") + decimal(Int64(tenths.magnitude), places: 1)
    }

    private static func decimal(_ value: Int64, places: Int) -> String {
        let digits = String(value)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return padded.dropLast(places) + "." + padded.suffix(places)
    }
}
