internal import Diagnosis
internal import TCPState

extension Transition {
    /// The change, how sure it is and why, in a sentence.
    ///
    /// - Parameters:
    ///   - role: the end's.
    ///   - frame: how the frame that shows it is named.
    func proof(of role: Role, _ spelling: StateSpelling, frame: String) -> String {
        let change = "\(role.name) \(from.name(spelling)) → \(to.name(spelling))"
        let reason = event.reason(role.name, role.peer.name, frame)
        return "\(change), \(grade.name): \(reason)\(confirmation)."
    }

    private var confirmation: String {
        if timer != .none { return " (\(timer.name))" }
        switch (grade, moment) {
        case (.proved, .onArrival):
            return event == .sentSYNACK ? "" : "; its later segments confirm it"
        case (.inferred, _): return "; nothing it sent since confirms it"
        case (.proved, .beforeSending), (.proved, .atTap), (.assumed, _): return ""
        }
    }
}

extension Event {
    /// The event as a sentence about an end, its peer and a frame.
    func reason(_ end: String, _ peer: String, _ frame: String) -> String {
        switch self {
        case .sentSYN: "it sent a SYN in frame \(frame)"
        case .sentSYNACK: "it answered a SYN in frame \(frame)"
        case .receivedSYN: "it received the \(peer)'s SYN in frame \(frame)"
        case .receivedSYNACK: "frame \(frame) acknowledges its SYN"
        case .receivedACKofSYN: "frame \(frame) acknowledges its SYN"
        case .sentFIN: "it sent a FIN in frame \(frame)"
        case .receivedACKofFIN: "frame \(frame) acknowledges its FIN"
        case .receivedFIN: "it received the \(peer)'s FIN in frame \(frame) and all data before it"
        case .sentRST: "it sent a RST in frame \(frame)"
        case .receivedRST: "it accepted the RST in frame \(frame), sent in the \(peer)'s name"
        case .timedOut: "a timer expired; the last frame before was \(frame)"
        case .replaced: "its port was reused for a new connection in frame \(frame)"
        case .receivedUnreachable:
            "an ICMP error in frame \(frame) says that its peer is unreachable"
        case .presumed:
            "it was already open when the capture began; frame \(frame) is the first to show it"
        }
    }
}
