internal import Capture
internal import Diagnosis
internal import POSIX
internal import Reports
internal import TCPState
internal import Tracking
internal import Wire

/// The first byte chooses the spelling of states and the connection to explain, the second how long a name
/// is, which stands for all that strangers choose: of a file, a program, an interface, a notice. The rest is a
/// capture.
func fuzzText(_ bytes: Span<UInt8>) {
    guard bytes.count >= 2 else { return }
    let start = min(bytes.count, 2 + Int(bytes[1] & 63))
    let name = PathText.text((2..<start).map { bytes[$0] })
    let file = ScratchFile.all[0]
    file.write(bytes.extracting(start..<bytes.count))
    let spellings = StateSpelling.allCases
    let spelling = spellings[Int(bytes[0] & 7) % spellings.count]
    let results = Results(file.path, name, spelling)
    results.checkReport(name)
    results.checkRows(spelling)
    results.checkLadder(spelling, connection: Int(bytes[0] >> 3))
    results.checkEvents(name, spelling)
}

/// What a capture comes to.
private struct Results {
    private let report: Report
    private let records: [ConnectionRecord]
    private let history: [TransitionRow]
    private var segments: [(segment: Segment, time: Timestamp, frame: UInt64)] = []
    private let problems: [String]

    init(_ path: String, _ name: String, _ spelling: StateSpelling) {
        var tracker = Tracker(
            observer: CollectingObserver(), profile: StackProfile.all[0], maximumConnections: 256)
        guard var reader = try? CaptureReader(files: [path]) else {
            fatalError("refused without a filter")
        }
        let decoder = Decoder()
        while let frame = reader.next() {
            tracker.receive(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.number)
            var segment = Segment()
            let outcome = decoder.decode(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                into: &segment)
            if case .segment = outcome {
                segments.append((segment, frame.timestamp, frame.number))
            }
        }
        tracker.observer.end = tracker.counts.last
        tracker.finish()
        var input = InputSummary()
        input.files = [name]
        input.frames = tracker.counts.frames
        input.segments = tracker.counts.segments
        input.setAside = SetAside.allCases.map { ($0, tracker.counts[$0]) }
            .filter { $0.1 > 0 }
        input.first = tracker.counts.first
        input.last = tracker.counts.last
        input.connections = tracker.counts.connections
        problems = reader.problems.map { "\($0)" } + [name]
        input.problems = problems
        report = Report(
            input: input, summary: tracker.observer.summary, spelling: spelling)
        let records = tracker.observer.records
        self.records = records.values.sorted { $0.connection.serial < $1.connection.serial }
        history = tracker.observer.history.timeline().compactMap { entry in
            records[entry.transition.connection].map {
                TransitionRow(
                    transition: entry.transition, time: entry.time,
                    timeInState: entry.timeInState, record: $0)
            }
        }
    }

    private var painted: TextLayout {
        var layout = TextLayout()
        layout.palette = Palette(isOn: true)
        return layout
    }

    func checkReport(_ name: String) {
        do { _ = try ConnectionFilter(name) } catch {
            check("\(error)", isJSON: false, "a mistake")
        }
        json(JSONReport(), [report])
        text(TextReport(layout: painted, limit: nil), [report])
        require(
            TextCheck.isMarkdown(written(MarkdownReport(), [report])),
            "Markdown loses its structure")
        let rules = ["notice", "reset"].compactMap { FailRule($0) }
        let verdict = Verdict(report, rules, problems: problems)
        json(SARIFVerdict(version: "0"), [verdict])
        text(TextVerdict(layout: painted), [verdict])
        require(XMLCheck.isDocument(written(JUnitVerdict(), [verdict])), "JUnit is no XML")
        let row = InterfaceRow(name: name, description: name, addresses: [], flags: ["up"])
        json(JSONInterfaces(), [row])
        text(TextInterfaces(), [row])
    }

    func checkRows(_ spelling: StateSpelling) {
        json(JSONConnections(JSONStyle(spelling: spelling)), records)
        text(TextConnections(spelling: spelling), records)
        json(JSONTransitions(JSONStyle(spelling: spelling)), history)
        text(TextTransitions(spelling: spelling), history)
        let sockets = records.flatMap { record in
            Side.allCases.map { side in
                let end = record.connection[side]
                return SocketRow(
                    side: side, record: record, state: end.state, grade: end.grade,
                    since: end.since, sendQueue: 1)
            }
        }
        let table = SocketTable(
            time: report.input.last, rows: sockets.filter { SocketRow.shows($0.state) })
        json(JSONSockets(JSONStyle(spelling: spelling), timers: .linux), [table])
        text(NetstatTable(spelling: spelling, timers: StackProfile.all[0]), [table])
        text(SSTable(spelling: spelling, timers: StackProfile.all[0]), [table])
    }

    func checkLadder(_ spelling: StateSpelling, connection: Int) {
        guard !records.isEmpty else { return }
        let record = records[connection % records.count]
        let rows = segments.filter { FlowKey($0.segment) == record.key }.map {
            Ladder.LadderRow(
                $0.segment, from: FlowKey.sender(of: $0.segment), at: $0.time, frame: $0.frame,
                notes: [])
        }
        let serial = record.connection.serial
        let ladder = Ladder(
            record: record, rows: rows,
            history: history.filter { $0.transition.connection == serial }, withdrawn: [])
        text(TextLadder(spelling: spelling, layout: painted), [ladder])
    }

    func checkEvents(_ name: String, _ spelling: StateSpelling) {
        let time = report.input.last ?? Timestamp(nanoseconds: 0)
        let example = report.findings.lazy.compactMap(\.examples.first).first
        for isJSON in [true, false] {
            var sink = TextSink()
            var events =
                isJSON
                ? LiveEvents(JSONStyle(spelling: spelling)) : LiveEvents(spelling: spelling)
            events.write(notice: name, at: time, to: &sink)
            let location = EventLocation(interface: name, vlan: 1, isOneOfSeveral: true)
            for row in history { events.write(.found, row, at: location, process: name, to: &sink) }
            if let example {
                events.write(
                    example, hasEnded: false, at: time, location: location, process: name, to: &sink
                )
            }
            check(sink.text, isJSON: isJSON, "an event")
        }
    }

    private func written<F: Format>(_ format: F, _ contents: [F.Content]) -> String {
        var format = format
        var sink = TextSink()
        format.begin(&sink)
        for content in contents { format.write(content, to: &sink) }
        return sink.text
    }

    private func json<F: Format>(_ format: F, _ contents: [F.Content]) {
        check(written(format, contents), isJSON: true, "\(F.self)")
    }

    private func text<F: Format>(_ format: F, _ contents: [F.Content]) {
        check(written(format, contents), isJSON: false, "\(F.self)")
    }

    private func check(_ text: String, isJSON: Bool, _ what: String) {
        if isJSON { require(JSONCheck.isLines(text), "\(what) is no JSON: \(text)") }
        // JSON goes to terminals, too.
        require(TextCheck.isHarmless(text), "\(what) does something to a terminal: \(text)")
    }
}
