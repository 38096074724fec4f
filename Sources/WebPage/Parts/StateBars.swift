internal import Diagnosis
internal import HTMLReport
internal import Reports
internal import TCPState

/// How many clients and servers are in each state: clients to the left, servers to the right.
struct StateBars {
    let clients: StateCounts
    let servers: StateCounts
    /// The most that any moment has of a state, so that bars can be compared; 0 for this moment's own.
    var highest: UInt64 = 0
    let spelling: StateSpelling

    var markup: Markup {
        let both = clients + servers
        let states = State.stackingOrder.filter { both[$0] > 0 }
        guard !states.isEmpty else { return tag("p", ["class": "hint"], "No sockets.") }
        let most = states.flatMap { [clients[$0], servers[$0]] }.max() ?? 1
        let scale = max(1, highest, most)
        let rows = states.map { state in
            tag(
                "tr", [:],
                tag("td", ["class": "count"], grouped(clients[state]))
                    + tag(
                        "td", ["class": "bar left"],
                        bar(clients[state], of: scale, state, isLeft: true))
                    + tag(
                        "th", ["scope": "row"],
                        tag(
                            "button",
                            [
                                "type": "button", "class": "state-filter",
                                "data-state": state.name(.netstat), "aria-pressed": "false",
                            ],
                            tag("i", ["class": "swatch \(state.colorClass)"])
                                + Markup(state.name(spelling))))
                    + tag(
                        "td", ["class": "bar"], bar(servers[state], of: scale, state, isLeft: false)
                    )
                    + tag("td", ["class": "count right"], grouped(servers[state])))
        }.joined
        let head = tag(
            "thead", [:],
            tag(
                "tr", [:],
                tag("th", ["scope": "col", "colspan": "2", "class": "clients"], "Clients")
                    + tag("th", ["scope": "col"], "State")
                    + tag("th", ["scope": "col", "colspan": "2", "class": "servers"], "Servers")))
        let columns = ["n", "b", "s", "b", "n"].map { open("col", ["class": $0]) }.joined
        return tag(
            "table", ["class": "bars"],
            tag("colgroup", [:], columns) + head + tag("tbody", [:], rows))
    }

    private func bar(_ count: UInt64, of scale: UInt64, _ state: State, isLeft: Bool) -> Markup {
        guard count > 0 else { return .none }
        let width = max(0.8, Double(count) / Double(scale) * 100)
        return tag(
            "svg",
            ["viewBox": "0 0 100 10", "preserveAspectRatio": "none", "aria-hidden": "true"],
            tag(
                "rect",
                [
                    "class": state.colorClass, "x": number(isLeft ? 100 - width : 0), "y": "0",
                    "width": number(width), "height": "10",
                ]))
    }
}
