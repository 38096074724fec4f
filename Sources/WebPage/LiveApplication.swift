internal import Diagnosis
internal import HTMLReport
public import HTTP
public import Monitoring
internal import Reports
internal import TCPState
internal import Tracking
public import Wire

/// The page over a live run, and its metrics: answers from the latest snapshot.
public struct LiveApplication: HTTPApplication {
    private let snapshots: SnapshotExchange
    private let metrics: LiveMetrics
    private let spelling: StateSpelling
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - snapshots: where the run leaves its snapshots.
    ///   - now: this host's clock.
    public init(
        snapshots: SnapshotExchange, metrics: LiveMetrics, now: @escaping @Sendable () -> Timestamp
    ) {
        self.snapshots = snapshots
        self.metrics = metrics
        spelling = .netstat
        self.now = now
    }

    /// One for each snapshot.
    public var revision: UInt64 { snapshots.revision }

    /// Answers a request, at once.
    public func respond(to request: HTTPRequest) -> HTTPResponse {
        switch request.path {
        case "/metrics":
            let dialect = Exposition.Dialect(accept: request.accept)
            return HTTPResponse(
                contentType: dialect.contentType, text: metrics.text(snapshots.snapshot, dialect))
        case "/healthz":
            let staleness = snapshots.snapshot.staleness(at: now())
            return HTTPResponse(
                staleness == nil ? .ok : .serviceUnavailable,
                contentType: "text/plain; charset=utf-8", text: (staleness ?? "ok") + "\n")
        case "/events": return .events
        case "/view":
            return HTTPResponse(
                contentType: "application/json", text: view(snapshots.snapshot, request.query))
        case "/chart":
            return HTTPResponse(
                contentType: "image/svg+xml; charset=utf-8",
                text: chart(snapshots.snapshot, request.query))
        case "/ladder": return ladder(request.query)
        case "/":
            let snapshot = snapshots.snapshot
            let shell = PageShell(
                mode: .live, source: snapshot.interfaces.joined(separator: ", "),
                facts: facts(snapshot))
            return HTTPResponse(contentType: PageFiles.html, text: shell.text)
        default: return PageFiles.response(to: request.path) ?? HTTPResponse(.notFound)
        }
    }

    private func chart(_ snapshot: LiveSnapshot, _ query: [String: String]) -> String {
        let span = StateHistory.Span(rawValue: query["span"] ?? "") ?? .minutes
        let samples = snapshot.history.samples(span).map { sample in
            let counts =
                switch query["role"] {
                case "client": sample.clients
                case "server": sample.servers
                default: sample.clients + sample.servers
                }
            return StateSample(time: sample.time, counts: counts)
        }
        if samples.count < 2 {
            return tag("p", ["class": "hint"], "Collecting the first samples …").text
        }
        return StateAreas(
            samples, spelling: spelling, size: .init(requested: query["size"])
        ).drawing.text
    }

    private func facts(_ snapshot: LiveSnapshot) -> String {
        var text =
            "\(grouped(snapshot.counts.connections)) connections, \(grouped(snapshot.stuck.total)) stuck;"
            + " \(grouped(snapshot.frames.frames)) packets in"
            + " \(Age(snapshot.published - snapshot.beginning))"
        let lost = snapshot.droppedByKernel + snapshot.droppedByInterface
        text += lost > 0 ? "; \(grouped(lost)) lost" : "; none lost"
        if !snapshot.lostInterfaces.isEmpty {
            text += "; capture stopped on: \(snapshot.lostInterfaces.joined(separator: ", "))"
        }
        return text
    }

    // MARK: The moment

    private func view(_ snapshot: LiveSnapshot, _ query: [String: String]) -> String {
        let rows = snapshot.connections.map { PageRow($0) }
        let query = RowQuery(query)
        let time = TimeText(snapshot.time)
        var input = InputSummary()
        input.isInFile = false
        input.last = snapshot.time
        var view = JSONObject()
        view.add("time", String(snapshot.time.nanoseconds))
        view.add("clock", time.clock(0))
        view.add("date", "\(time.date) UTC")
        view.add("offset", "")
        view.add("facts", facts(snapshot))
        view.add(
            "states",
            StateBars(
                clients: snapshot.counts.clients, servers: snapshot.counts.servers,
                spelling: spelling
            ).markup.text)
        view.add("minute", minute(snapshot).text)
        view.add(
            "findings",
            FindingCards(
                groups: snapshot.findingGroups, total: snapshot.findingCount,
                before: snapshot.findingsBefore,
                report: Report(input: input, summary: RunSummary()), now: snapshot.time
            ).markup.text)
        var table = ConnectionTable(
            rows: query.select(rows), total: rows.count, limit: query.limit, now: snapshot.time,
            spelling: spelling)
        table.all = snapshot.counts.connections
        view.add("connections", table.markup.text)
        return view.description
    }

    /// What changed in the last minute.
    private func minute(_ snapshot: LiveSnapshot) -> Markup {
        let samples = snapshot.history.samples(.minutes)
        guard
            let before = samples.last(where: { snapshot.time - $0.time >= .milliseconds(59_500) })
                ?? samples.first
        else { return .none }
        var changes: [String] = []
        for (role, old, new) in [
            ("clients", before.clients, snapshot.counts.clients),
            ("servers", before.servers, snapshot.counts.servers),
        ] {
            for state in State.stackingOrder where old[state] != new[state] {
                let sign = new[state] > old[state] ? "+" : "−"
                let size = max(new[state], old[state]) - min(new[state], old[state])
                changes.append("\(sign)\(grouped(size)) \(role) in \(state.name(spelling))")
            }
        }
        let text = changes.isEmpty ? "no change" : changes.joined(separator: ", ")
        return tag("p", ["class": "hint"], "In the last minute: \(text).")
    }

    // MARK: A connection

    /// A ladder is drawn by the run's own loop: the answer is empty until it is there.
    private func ladder(_ query: [String: String]) -> HTTPResponse {
        let wanted: UInt32?
        if let stream = query["stream"].flatMap({ UInt32($0) }) {
            wanted =
                snapshots.snapshot.connections.first { $0.record.connection.stream == stream }?
                .record
                .connection.serial
        } else {
            wanted = query["connection"].flatMap { UInt32($0) }
        }
        guard let wanted else { return HTTPResponse(.notFound) }
        switch snapshots.ladder(of: wanted) {
        case nil: return HTTPResponse(contentType: PageFiles.html, text: "")
        case .some(nil): return HTTPResponse(.notFound)
        case .some(.some(let ladder)):
            let sample = ConnectionSample(record: ladder.record, problem: nil, process: nil)
            return HTTPResponse(
                contentType: PageFiles.html,
                text: LadderPage(
                    ladder: ladder, frames: .oneFile, filter: PageRow(sample).filter, command: nil,
                    size: .init(requested: query["size"])
                ).markup.text)
        }
    }
}
