internal import Diagnosis
public import TCPState
package import Wire

/// What the JSON lines of a live run come to: read back line by line, in memory that the findings and states bound.
public struct EventSummary: Sendable {
    /// A finding, over all times that it was there.
    package struct FindingRow: Sendable {
        package let diagnosis: String
        package let service: String
        package let fault: String
        package fileprivate(set) var severity: String
        /// The most connections at once.
        package fileprivate(set) var most: Int64 = 0
        package fileprivate(set) var first: Timestamp
        /// When it was there last; nil while it is.
        package fileprivate(set) var last: Timestamp?
        /// How often it began.
        package fileprivate(set) var times = 0
        package fileprivate(set) var title = ""
    }

    /// Connections of one service that were stuck in one way.
    package struct StuckRow: Sendable {
        package let diagnosis: String
        package let service: String
        package fileprivate(set) var count = 0
        package fileprivate(set) var cleared = 0
        package fileprivate(set) var since: Timestamp
    }

    private var findings: [String: FindingRow] = [:]
    private var stuck: [String: StuckRow] = [:]
    /// State changes by what was said of them: found, confirmed, withdrawn, amended.
    package private(set) var changes: [String: UInt64] = [:]
    /// What befell the capture: the first messages.
    package private(set) var notices: [(time: Timestamp, text: String)] = []
    package private(set) var noticeCount = 0
    /// The state counts over time.
    package private(set) var samples: [StateSample] = []
    /// The times of the first and the last event.
    package private(set) var first: Timestamp?
    package private(set) var last: Timestamp?
    /// Lines read.
    public private(set) var lines: UInt64 = 0
    /// Lines that are no event.
    public private(set) var damaged: UInt64 = 0
    private let spelling: StateSpelling
    /// Every so many of the samples is kept.
    private var stride = 1
    private var skipped = 0

    private static let keyLimit = 10_000
    private static let noticeLimit = 200
    private static let sampleLimit = 2_000

    /// Nothing read.
    ///
    /// - Parameter spelling: how states are spelled in the lines.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// The findings, the worst first.
    package var orderedFindings: [FindingRow] {
        let names = Severity.allCases.map(\.name)
        return findings.values.sorted { a, b in
            (names.firstIndex(of: a.severity) ?? 9, -a.most, a.diagnosis, a.service, a.fault)
                < (names.firstIndex(of: b.severity) ?? 9, -b.most, b.diagnosis, b.service, b.fault)
        }
    }

    /// The stuck connections by kind and service, the most first.
    package var orderedStuck: [StuckRow] {
        stuck.values.sorted {
            ($1.count, $0.diagnosis, $0.service) < ($0.count, $1.diagnosis, $1.service)
        }
    }

    /// Reads a line; a level in front of it, as the journal has them, is left out.
    public mutating func read(_ line: some StringProtocol) {
        lines += 1
        var text = Substring(line)
        if text.hasPrefix("<"), let end = text.firstIndex(of: ">") {
            text = text[text.index(after: end)...]
        }
        // The report at the end of a run has no events in it.
        guard let value = ParsedJSON(text), case .object = value else {
            damaged += 1
            return
        }
        guard let event = value["event"]?.text else { return }
        let time = value["ts"]?.number.map { Timestamp(nanoseconds: $0) }
        if let time {
            first = min(first ?? time, time)
            last = max(last ?? time, time)
        }
        switch event {
        case "finding", "stuck", "cleared":
            guard let time, isKnown(value) else {
                damaged += 1
                return
            }
            if event == "finding" {
                readFinding(value, time)
            } else {
                readStuck(value, event, time)
            }
        case "states": if let time { readStates(value, time) }
        case "notice": if let time { readNotice(value, time) }
        default: if changes.count < 100 || changes[event] != nil { changes[event, default: 0] += 1 }
        }
    }

    /// Whether the words are those of this version.
    private func isKnown(_ value: ParsedJSON) -> Bool {
        Diagnosis(named: value["diagnosis"]?.text ?? "") != nil
            && Severity.allCases.contains { $0.name == value["severity"]?.text }
    }

    private mutating func readFinding(_ value: ParsedJSON, _ time: Timestamp) {
        let diagnosis = value["diagnosis"]?.text ?? ""
        let service = value["service"]?.text ?? ""
        let fault = value["fault"]?.text ?? ""
        let key = "\(diagnosis) \(service) \(fault)"
        guard findings[key] != nil || findings.count < EventSummary.keyLimit else { return }
        let oldest = value["oldest"]?.number.map { Timestamp(nanoseconds: $0) } ?? time
        var row =
            findings[key]
            ?? FindingRow(
                diagnosis: diagnosis, service: service, fault: fault, severity: "", first: oldest)
        row.severity = value["severity"]?.text ?? row.severity
        row.title = value["title"]?.text ?? row.title
        row.most = max(row.most, value["count"]?.number ?? 0)
        row.first = min(row.first, oldest)
        switch value["change"]?.text {
        case "closed": row.last = time
        case "opened":
            row.times += 1
            row.last = nil
        default: row.last = nil
        }
        findings[key] = row
    }

    private mutating func readStuck(_ value: ParsedJSON, _ event: String, _ time: Timestamp) {
        let diagnosis = value["diagnosis"]?.text ?? ""
        let service = value["server"]?.text ?? ""
        let key = "\(diagnosis) \(service)"
        guard stuck[key] != nil || stuck.count < EventSummary.keyLimit else { return }
        let since = value["since"]?.number.map { Timestamp(nanoseconds: $0) } ?? time
        var row = stuck[key] ?? StuckRow(diagnosis: diagnosis, service: service, since: since)
        row.since = min(row.since, since)
        if event == "stuck" { row.count += 1 } else { row.cleared += 1 }
        stuck[key] = row
    }

    private mutating func readNotice(_ value: ParsedJSON, _ time: Timestamp) {
        noticeCount += 1
        guard notices.count < EventSummary.noticeLimit else { return }
        notices.append((time, value["text"]?.text ?? ""))
    }

    private mutating func readStates(_ value: ParsedJSON, _ time: Timestamp) {
        // The ends on this side, where the run tells them apart.
        let counted = [value["local_states"], value["states"]].compactMap { $0 }
        guard case .object(let states)? = counted.first(where: { $0 != .null }) else { return }
        // No run counts so many: and JSON's readers would round them (RFC 8259, section 6).
        guard states.values.allSatisfy({ (0...(1 << 53)).contains($0.number ?? 0) }) else {
            damaged += 1
            return
        }
        skipped += 1
        guard skipped >= stride else { return }
        skipped = 0
        var counts = StateCounts()
        for state in State.allCases {
            counts[state] = UInt64(clamping: states[state.name(spelling)]?.number ?? 0)
        }
        samples.append(StateSample(time: time, counts: counts))
        if samples.count > EventSummary.sampleLimit {
            samples = Swift.stride(from: 0, to: samples.count, by: 2).map { samples[$0] }
            stride *= 2
        }
    }
}
