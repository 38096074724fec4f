public import Analysis
internal import Capture
internal import Diagnosis
internal import HTMLReport
public import HTTP
internal import Reports
internal import Synchronization
internal import TCPState
internal import Wire

/// The page over a capture: the sockets, states and findings of any instant.
public final class CaptureApplication: HTTPApplication {
    private let timeline: CaptureTimeline
    /// Ladders that were asked for last.
    private let ladders = Mutex<[(serial: UInt32, ladder: Ladder)]>([])

    private static let ladderLimit = 32
    /// Segments of a ladder that are kept.
    private static let rowLimit = 2000

    /// Serves a capture.
    public init(_ timeline: CaptureTimeline) { self.timeline = timeline }

    /// Nothing changes.
    public var revision: UInt64 { 0 }

    private var report: Report { timeline.report }

    /// Answers a request. Takes as long as a pass over the captures for an instant between those of the grid, and for a
    /// connection whose ladder was not asked for lately.
    public func respond(to request: HTTPRequest) -> HTTPResponse {
        do throws(CaptureError) {
            switch request.path {
            case "/view":
                guard let time = time(request.query) else { return HTTPResponse(.badRequest) }
                return HTTPResponse(
                    contentType: "application/json", text: try view(time, request.query))
            case "/chart":
                return HTTPResponse(
                    contentType: "image/svg+xml; charset=utf-8", text: chart(request.query))
            case "/ladder":
                guard let text = try ladder(request.query) else { return HTTPResponse(.notFound) }
                return HTTPResponse(contentType: PageFiles.html, text: text)
            case "/netstat":
                guard let time = time(request.query) else { return HTTPResponse(.badRequest) }
                return HTTPResponse(
                    contentType: "text/plain; charset=utf-8", text: try netstat(time))
            case "/": return HTTPResponse(contentType: PageFiles.html, text: shell.text)
            case "/healthz":
                return HTTPResponse(contentType: "text/plain; charset=utf-8", text: "ok\n")
            default: return PageFiles.response(to: request.path) ?? HTTPResponse(.notFound)
            }
        } catch {
            return HTTPResponse(.serviceUnavailable)
        }
    }

    /// The instant that a request names: `time` in nanoseconds since 1970, or `step` of the grid; the end without either.
    private func time(_ query: [String: String]) -> Timestamp? {
        if let text = query["time"] { return Int64(text).map { Timestamp(nanoseconds: $0) } }
        let last = timeline.instants.count - 1
        guard let step = query["step"] else { return timeline.instants.last }
        guard let index = Int(step), last >= 0 else { return nil }
        return timeline.instants[min(max(0, index), last)]
    }

    private var shell: PageShell {
        let input = report.input
        let names = input.files.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let source =
            (names.first ?? "") + (names.count > 1 ? " and \(names.count - 1) more" : "")
        var shell = PageShell(
            mode: .capture, source: source,
            facts:
                "\(grouped(input.connections)) connections, \(grouped(input.frames)) frames, "
                + "\(Age(input.span)). \(report.tap ?? "")")
        shell.steps = timeline.instants.count
        shell.first = input.first?.nanoseconds ?? 0
        shell.last = input.last?.nanoseconds ?? 0
        shell.instantMarks = instantMarks
        return shell
    }

    /// When the worst findings began, above the slider.
    private var instantMarks: Markup {
        let input = report.input
        guard let first = input.first, input.span > 0 else { return .none }
        let lines = report.findings.filter { $0.severity <= .warning }.prefix(60).map { group in
            let share =
                Double(max(0, group.oldest - first).nanoseconds) / Double(input.span.nanoseconds)
            let x = number(min(1, share) * 1000)
            let name = "\(group.key.diagnosis.name) \(group.key.service?.name ?? "")"
            return tag(
                "line",
                [
                    "class": "mark \(group.severity.name)", "x1": x, "x2": x, "y1": "0", "y2": "10",
                    "data-time": String(group.oldest.nanoseconds),
                ], tag("title", "\(name), since \(TimeText(group.oldest).clock(3))"))
        }.joined
        return tag(
            "svg",
            [
                "class": "marks", "viewBox": "0 0 1000 10", "preserveAspectRatio": "none",
                "role": "img", "aria-label": "When findings began",
            ], lines)
    }

    private func chart(_ query: [String: String]) -> String {
        let role = query["role"].flatMap { name in Role.allCases.first { $0.name == name } }
        return StateAreas(
            timeline.samples(of: role), spelling: report.spelling,
            size: .init(requested: query["size"])
        ).drawing.text
    }

    // MARK: A moment

    private func view(
        _ time: Timestamp, _ query: [String: String]
    ) throws(CaptureError) -> String {
        let moment = try timeline.moment(at: time)
        let rows = PageRow.rows(
            try timeline.sockets(at: time), moment.problems, report)
        var (clients, servers) = (StateCounts(), StateCounts())
        for row in rows {
            if let state = row.client.state { clients[state] += 1 }
            if let state = row.server.state { servers[state] += 1 }
        }
        let query = RowQuery(query)
        let index = timeline.instants.lastIndex { $0 <= time } ?? 0
        let text = TimeText(time)
        let first = report.input.first ?? time
        var view = JSONObject()
        view.add("time", String(time.nanoseconds))
        view.add("clock", text.clock(6))
        view.add("date", text.date)
        view.add("offset", time < first ? "before" : "+\(Age(time - first))")
        view.add("step", index)
        view.add(
            "states",
            StateBars(
                clients: clients, servers: servers, highest: timeline.highest,
                spelling: report.spelling
            ).markup.text)
        view.add(
            "findings",
            FindingCards(
                groups: moment.findings, total: moment.findingCount, before: try before(index),
                report: report, now: time
            ).markup.text)
        view.add(
            "connections",
            ConnectionTable(
                rows: query.select(rows), total: rows.count, limit: query.limit, now: time,
                spelling: report.spelling
            ).markup.text)
        return view.description
    }

    /// The findings of a twelfth of the capture earlier; nil at its beginning.
    private func before(_ index: Int) throws(CaptureError) -> [FindingGroup.Key: UInt64]? {
        let earlier = index - max(1, timeline.instants.count / 12)
        guard earlier >= 0 else { return nil }
        let groups = try timeline.moment(at: timeline.instants[earlier]).findings
        return Dictionary(groups.map { ($0.key, $0.count) }, uniquingKeysWith: max)
    }

    private func netstat(_ time: Timestamp) throws(CaptureError) -> String {
        var sink = TextSink()
        var format = NetstatTable(spelling: report.spelling)
        format.write(try timeline.sockets(at: time), to: &sink)
        return sink.text
    }

    // MARK: A connection

    private func ladder(_ query: [String: String]) throws(CaptureError) -> String? {
        let serial = query["connection"].flatMap { UInt32($0) }
        let stream = query["stream"].flatMap { UInt32($0) }
        guard serial != nil || stream != nil else { return nil }
        guard let ladder = try ladder(serial: serial, stream: stream) else { return nil }
        return LadderPage(
            ladder: ladder, frames: report.input.numbering,
            filter: report.displayFilter(of: ladder.record),
            command: "wirestate explain FILE --stream \(ladder.record.connection.stream)",
            size: .init(requested: query["size"])
        ).markup.text
    }

    private func ladder(serial: UInt32?, stream: UInt32?) throws(CaptureError) -> Ladder? {
        func isWanted(_ record: ConnectionRecord) -> Bool {
            serial.map { record.connection.serial == $0 }
                ?? (record.connection.stream == stream)
        }
        if let known = ladders.withLock({ $0.first { isWanted($0.ladder.record) } }) {
            return known.ladder
        }
        let found = try timeline.analysis.traces(
            limit: 1, rowLimit: CaptureApplication.rowLimit, where: isWanted
        ).ladders.values.first
        guard let found else { return nil }
        ladders.withLock {
            $0.insert((found.record.connection.serial, found), at: 0)
            if $0.count > CaptureApplication.ladderLimit { $0.removeLast() }
        }
        return found
    }
}
