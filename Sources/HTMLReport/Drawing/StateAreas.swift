internal import Diagnosis
package import Reports
package import TCPState
internal import Wire

/// States over time as stacked areas, in SVG. O(samples × states).
package struct StateAreas {
    private let samples: [StateSample]
    private let first: Timestamp
    private let last: Timestamp
    private let highest: UInt64
    private let spelling: StateSpelling

    /// How large it is drawn: text keeps its size where a picture is shown smaller.
    package enum Size: String, Sendable {
        /// For a report.
        case report
        /// For a page as wide as the screen.
        case page
        /// For a page on a tablet.
        case medium
        /// For a phone.
        case narrow
    }

    private let width: Double
    private let height: Double
    private static let left = 56.0
    private static let bottom = 28.0
    private static let top = 10.0

    /// - Parameter samples: in order of time; nothing is drawn of fewer than two.
    package init(
        _ samples: [StateSample], spelling: StateSpelling = .netstat, size: Size = .report
    ) {
        switch size {
        case .report: (width, height) = (960, 260)
        case .page: (width, height) = (1200, 250)
        case .medium: (width, height) = (720, 230)
        case .narrow: (width, height) = (420, 240)
        }
        self.spelling = spelling
        self.samples = samples
        first = samples.first?.time ?? Timestamp(nanoseconds: 0)
        last = samples.last?.time ?? Timestamp(nanoseconds: 0)
        highest = max(
            1,
            samples.map { sample in
                State.stackingOrder.reduce(into: UInt64(0)) { $0 &+= sample.counts[$1] }
            }.max() ?? 1)
    }

    /// States that no socket table shows: a capture has more of them than of all others, and they mean nothing.
    static let undrawn = State.allCases.filter { !SocketRow.shows($0) }

    var states: [State] {
        State.stackingOrder.filter { state in samples.contains { $0.counts[state] > 0 } }
    }

    /// The picture; its root carries the time axis for the script.
    package var drawing: Markup {
        guard samples.count > 1, last > first else {
            return tag("p", "The capture is too short for a chart.")
        }
        var content = tag("title", "Connection ends in each state over time")
        content += verticalAxis + horizontalAxis
        var below = [UInt64](repeating: 0, count: samples.count)
        for state in states {
            let above = zip(below, samples).map { $0 &+ $1.counts[state] }
            content += area(state, from: below, to: above)
            below = above
        }
        content += tag(
            "line",
            [
                "class": "cursor", "y1": number(StateAreas.top),
                "y2": number(height - StateAreas.bottom), "x1": "-9", "x2": "-9",
            ])
        return tag(
            "svg",
            [
                "class": "areas",
                "viewBox": "0 0 \(Int(width)) \(Int(height))",
                "role": "img", "aria-label": "Connection ends in each state over time",
                "data-first": String(first.nanoseconds), "data-last": String(last.nanoseconds),
                "data-left": number(StateAreas.left), "data-width": number(width),
            ], content)
    }

    private func area(_ state: State, from below: [UInt64], to above: [UInt64]) -> Markup {
        var path = ""
        for (index, value) in above.enumerated() {
            path += (path.isEmpty ? "M" : "L") + point(index, value)
        }
        for index in below.indices.reversed() { path += "L" + point(index, below[index]) }
        let name = state.name(spelling)
        return tag(
            "path", ["class": "area \(state.colorClass)", "d": path + "Z", "data-state": name],
            tag("title", name))
    }

    private func point(_ index: Int, _ value: UInt64) -> String {
        number(x(samples[index].time)) + " " + number(y(value))
    }

    private func x(_ time: Timestamp) -> Double {
        let share =
            Double((time - first).nanoseconds)
            / Double(max(1, (last - first).nanoseconds))
        return StateAreas.left + share * (width - StateAreas.left - 8)
    }

    private func y(_ value: UInt64) -> Double {
        let room = height - StateAreas.top - StateAreas.bottom
        return height - StateAreas.bottom - Double(value) / Double(highest) * room
    }

    private var verticalAxis: Markup {
        let step = niceStep(Double(highest) / 4)
        return stride(from: 0, through: Double(highest), by: step).map { value in
            let y = number(self.y(UInt64(value)))
            return tag(
                "line",
                [
                    "class": "grid", "x1": number(StateAreas.left),
                    "x2": number(width - 8), "y1": y, "y2": y,
                ])
                + tag(
                    "text",
                    [
                        "class": "axis", "x": number(StateAreas.left - 6), "y": y,
                        "text-anchor": "end", "dominant-baseline": "middle",
                    ], grouped(UInt64(value)))
        }.joined
    }

    private var horizontalAxis: Markup {
        let span = Double((last - first).nanoseconds) / 1e9
        let step = max(1, Int64(niceTimeStep(span / (width / 160)) * 1e9))
        var time = first + TimeSpan(nanoseconds: step - first.nanoseconds % step)
        var result = Markup.none
        while time <= last {
            let x = number(self.x(time))
            result += tag(
                "line",
                [
                    "class": "grid", "x1": x, "x2": x, "y1": number(StateAreas.top),
                    "y2": number(height - StateAreas.bottom),
                ])
            result += tag(
                "text",
                [
                    "class": "axis", "x": x, "y": number(height - 10),
                    "text-anchor": self.x(time) > width - 34 ? "end" : "middle",
                ], TimeText(time).clock(step < 1_000_000_000 ? 3 : 0))
            guard time < Timestamp(nanoseconds: .max) - TimeSpan(nanoseconds: step) else { break }
            time = time + TimeSpan(nanoseconds: step)
        }
        return result
    }

    /// 1, 2 or 5 times a power of ten, at least 1.
    private func niceStep(_ rough: Double) -> Double {
        var power = 1.0
        while power * 10 <= rough { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? power * 10
    }

    /// Seconds that people count in.
    private func niceTimeStep(_ rough: Double) -> Double {
        let steps = [
            0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300,
            600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400,
        ]
        if let step = steps.first(where: { $0 >= rough }) { return step }
        return niceStep(rough / 86400) * 86400
    }
}

/// A coordinate with one decimal.
package func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0
        ? String(tenths / 10) : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
}

/// A number with thousands separators.
package func grouped(_ value: some BinaryInteger) -> String { Count(value).description }
