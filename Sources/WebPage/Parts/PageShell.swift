internal import HTMLReport

/// The page without its contents, which the script asks for.
struct PageShell {
    enum Mode: String {
        case capture, live
    }

    let mode: Mode
    /// What is watched: files or interfaces.
    let source: String
    let facts: String
    /// What the script has to know, as attributes of the body.
    var steps = 0
    var first: Int64 = 0
    var last: Int64 = 0
    /// Marks on the slider.
    var instantMarks = Markup.none

    var text: String {
        let title = "\(source) – wirestate"
        var head = open("meta", ["charset": "utf-8"])
        head += open(
            "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        head += open("meta", ["name": "color-scheme", "content": "light dark"])
        head += tag("title", title)
        head += open("link", ["rel": "icon", "href": "icon.svg", "type": "image/svg+xml"])
        head += open("link", ["rel": "stylesheet", "href": "page.css"])
        head += tag("script", ["src": "page.js", "defer": ""])
        let body =
            tag(
                "noscript", [:],
                tag(
                    "p",
                    "This page needs JavaScript. Plain text: /netstat of a capture, /metrics of a live run."
                ))
            + bar + tag("main", [:], time + columns + connections) + dialog
        let page = tag(
            "body",
            [
                "data-mode": mode.rawValue, "data-steps": String(steps),
                "data-first": String(first), "data-last": String(last), "class": "page",
            ], body)
        return "<!doctype html>\n<html lang=\"en\"><head>\(head.text)</head>\(page.text)</html>\n"
    }

    private var bar: Markup {
        tag(
            "header", ["class": "top"],
            tag("h1", [:], tag("span", ["class": "brand"], "wirestate") + Markup(source))
                + tag("p", ["class": "facts", "id": "facts"], facts)
                + (mode == .live
                    ? tag("p", ["class": "pulse", "id": "pulse", "role": "status"], "connecting")
                    : .none))
    }

    private func button(_ id: String, _ title: String, _ text: String) -> Markup {
        tag(
            "button",
            ["type": "button", "id": id, "title": title, "aria-label": title, "class": "line"], text
        )
    }

    private func choice(
        _ attribute: StaticString, _ legend: String, _ values: [(String, String)]
    ) -> Markup {
        let buttons = values.enumerated().map { index, value in
            tag(
                "button",
                [
                    "type": "button", attribute: value.0,
                    "aria-pressed": index == 0 ? "true" : "false",
                ], value.1)
        }.joined
        return tag("div", ["class": "choice", "role": "group", "aria-label": legend], buttons)
    }

    private var time: Markup {
        let roles = choice(
            "data-role", "Ends",
            [("", "Both ends"), ("client", "Clients"), ("server", "Servers")])
        let clock = tag(
            "p", ["class": "clock"],
            tag("strong", ["id": "clock"], "") + Markup(" ")
                + tag("span", ["id": "offset"], "") + Markup(" ")
                + tag("small", ["id": "date"], ""))
        var controls: Markup
        var slider = Markup.none
        switch mode {
        case .capture:
            controls =
                button("start", "First frame (Home)", "|◀")
                + button("back", "Previous step (←)", "◀")
                + button("play", "Play or pause (space)", "▶ Play")
                + button("forward", "Next step (→)", "▶")
                + button("end", "Last frame (End)", "▶|")
                + open(
                    "input",
                    [
                        "type": "text", "id": "goto", "placeholder": "+12.5s or 01:02:55",
                        "aria-label": "Go to a time", "autocomplete": "off", "spellcheck": "false",
                    ])
            slider = tag(
                "div", ["class": "rail"],
                instantMarks
                    + open(
                        "input",
                        [
                            "type": "range", "id": "slider", "min": "0",
                            "max": String(max(0, steps - 1)),
                            "value": String(max(0, steps - 1)), "step": "1",
                            "aria-label": "Time in the capture",
                        ]))
        case .live:
            controls = choice(
                "data-span", "Time span",
                [("5m", "5 minutes"), ("1h", "1 hour"), ("24h", "24 hours")])
            controls += button("play", "Pause or resume (space)", "Pause")
        }
        return tag(
            "section", ["class": "panel time", "aria-label": "Time"],
            tag("div", ["class": "controls"], clock + controls + roles)
                + tag("div", ["id": "chart", "class": "chart"]) + slider)
    }

    private var columns: Markup {
        let heading = mode == .live ? "Now" : "States"
        let states = tag(
            "section", ["class": "panel", "aria-labelledby": "h-states"],
            tag("h2", ["id": "h-states"], heading) + tag("div", ["id": "states"])
                + (mode == .live
                    ? tag("div", ["id": "minute"]) : .none))
        let findings = tag(
            "section", ["class": "panel", "aria-labelledby": "h-findings"],
            tag("h2", ["id": "h-findings"], "Findings") + tag("div", ["id": "findings"]))
        return tag("div", ["class": "columns"], states + findings)
    }

    private var connections: Markup {
        let tools = tag(
            "div", ["class": "tools"],
            open(
                "input",
                [
                    "type": "search", "id": "find",
                    "placeholder": "Filter: address, port, state, finding  ( / )",
                    "aria-label": "Filter connections", "autocomplete": "off",
                    "spellcheck": "false",
                ])
                + tag(
                    "button",
                    ["type": "button", "id": "stuck", "class": "line", "aria-pressed": "false"],
                    "Stuck only")
                + tag(
                    "button", ["type": "button", "id": "clear", "class": "line", "hidden": ""],
                    "Clear"))
        let text =
            mode == .capture
            ? tag(
                "a",
                [
                    "id": "netstat", "href": "netstat", "class": "hint", "target": "_blank",
                    "rel": "noopener",
                ],
                "The same table in netstat's format") : .none
        return tag(
            "section", ["class": "panel", "aria-labelledby": "h-connections"],
            tag("h2", ["id": "h-connections"], "Connections") + tools
                + tag("div", ["id": "connections"]) + text)
    }

    private var dialog: Markup {
        tag(
            "dialog", ["id": "ladder", "aria-label": "A connection"],
            tag(
                "button",
                ["type": "button", "id": "close", "class": "line", "aria-label": "Close"],
                "Close")
                + tag("div", ["id": "ladder-content"]))
    }
}
