internal import Comparison
internal import Diagnosis
internal import TCPState

/// The words of a verdict on a connection's way.
struct PathWords {
    let report: ComparisonReport
    let verdict: PathVerdict

    /// What happened, in whole sentences.
    var sentence: String {
        switch verdict.kind {
        case .resetBetween:
            "The \(receiverTap) tap shows a RST in the \(sender)'s name (\(first), TTL \(ttl)\(others)) that never"
                + " passed the \(sourceTap) tap: it was injected \(between)."
        case .resetArrived: arrival("RST")
        case .resetLost: loss("RST")
        case .finLost: loss("FIN")
        case .synLost: loss("SYN")
        case .synACKLost: loss("SYN-ACK")
        case .dropped:
            "From \(first) on, nothing sent by the \(sender) reached the \(receiverTap) tap:"
                + " \(Count(verdict.count).of("segment")) \(verdict.count == 1 ? "was" : "were") dropped \(between)."
        case .errorBetween:
            verdict.grade == .assumed
                ? "The ICMP error in \(first) is not in the capture of the \(sourceTap) tap, which has no ICMP errors"
                    + " at all: it was sent \(between), or the capture filter excluded it."
                : "The ICMP error in \(first) never passed the \(sourceTap) tap: it was injected \(between)."
        case .answeredBetween:
            "The SYN-ACK in \(first) (TTL \(ttl)) never passed the \(sourceTap) tap: a device answered for the"
                + " \(sender) \(between)."
        case .openedBetween:
            "The SYN in \(first) (TTL \(ttl)) never passed the \(sourceTap) tap: it was injected \(between), or had"
                + " different addresses there."
        case .acknowledgedBetween:
            "\(Count(verdict.count).of("segment")) without data in the \(sender)'s name, the first in \(first)"
                + " (TTL \(ttl)), never passed the \(sourceTap) tap: a device acknowledged for the \(sender) \(between)."
        case .dataBetween:
            "\(Count(verdict.count).of("segment")) with data in the \(sender)'s name, the first in \(first)"
                + " (TTL \(ttl)), never passed the \(sourceTap) tap: sent \(between)."
        case .payloadAltered:
            "\(Count(verdict.count).of("segment")) arrived with different data, the first of them \(pair): changed"
                + " \(between)."
        case .altered:
            "The SYN \(pair) was changed \(between): \(changes)."
        case .lossRecovered:
            "\(Count(verdict.count).of("segment")) of the \(sender) \(verdict.count == 1 ? "was" : "were") lost"
                + " \(between), the last one \(first); later segments arrived."
        case .closed: closing
        case .unremarkable: "Every segment arrived unchanged."
        }
    }

    // MARK: Parts

    private var sender: String { verdict.sender?.name ?? "client" }
    private var firstEvidence: PathVerdict.Evidence? { verdict.evidence.first }
    private var first: String {
        firstEvidence.map { report.text($0.frame, at: $0.tap) } ?? "no frame"
    }
    private var ttl: String { firstEvidence.map { "\($0.timeToLive)" } ?? "unknown" }

    /// The usual time to live, where that is another one.
    private var others: String {
        verdict.usualTimeToLive.map { "; the \(sender)'s other segments have TTL \($0)" } ?? ""
    }

    private func tap(_ index: Int?) -> String {
        index.map { report.name($0).visible } ?? "other"
    }
    private var sourceTap: String { tap(verdict.gap?.from) }
    private var receiverTap: String { tap(verdict.gap?.to) }

    private var between: String {
        guard report.comparison.taps.count > 2 else { return "between the taps" }
        return "between the taps \(sourceTap) and \(receiverTap)"
    }

    /// `in frame 3 of a.pcap, frame 4 of b.pcap`.
    private var pair: String {
        "in " + verdict.evidence.map { report.text($0.frame, at: $0.tap) }.joined(separator: ", ")
    }

    private func arrival(_ what: String) -> String {
        let times = verdict.count > 1 ? " (the first of \(Count(verdict.count)))" : ""
        guard let last = verdict.evidence.last, verdict.evidence.count > 1 else {
            return
                "The \(what) in \(first) came from the \(sender) (TTL \(ttl)\(others))\(times); no other capture"
                + " covers it."
        }
        let origin =
            verdict.usualTimeToLive == nil
            ? "left the \(sender) (TTL \(ttl))"
            : "came from the \(sender)'s side (TTL \(ttl)\(others): it entered the path before that tap)"
        return
            "The \(what) in \(first)\(times) \(origin) and arrived as \(report.text(last.frame, at: last.tap))"
            + " (TTL \(last.timeToLive))."
    }

    private func loss(_ what: String) -> String {
        let times = verdict.count > 1 ? ", \(Count(verdict.count)) times" : ""
        return
            "The \(what) in \(first) left the \(sender)\(times) and never reached the \(receiverTap) tap: dropped"
            + " \(between)."
    }

    private var closing: String {
        guard let last = verdict.evidence.last, verdict.evidence.count > 1 else {
            return "Both ends closed; the \(sender) began, with the FIN in \(first)."
        }
        return "Both ends closed; the \(sender) began: its FIN in \(first) arrived as"
            + " \(report.text(last.frame, at: last.tap))."
    }

    private var changes: String {
        verdict.changes.map { change in
            let name = PathWords.fields[change.field] ?? change.field
            let owner = "the \(change.sender.name)'s \(name)"
            return switch (change.before, change.after) {
            case (let before?, let after?):
                change.field == "sequence-numbers"
                    ? "\(owner) shifted by \(after &- before)" : "\(owner) \(before) → \(after)"
            case (_?, nil): "\(owner) removed"
            default: "\(owner) added"
            }
        }.joined(separator: "; ")
    }

    private static let fields = [
        "mss": "MSS", "window-scale": "window scale", "sack-permitted": "SACK permission",
        "timestamps": "timestamps", "sequence-numbers": "sequence numbers",
    ]
}

extension PathVerdict {
    /// Who did it: an end, or what lies between two taps; nil where nobody did anything.
    var actor: String? {
        switch kind {
        case .unremarkable: nil
        case .resetArrived, .closed: usualTimeToLive == nil ? sender?.name : "unknown"
        default: "between"
        }
    }
}
