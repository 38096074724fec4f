internal import TCPState
internal import Wire

/// What `fin-wait-1-stuck` and `last-ack-stuck` have in common: a FIN that is sent again and again.
protocol RepeatedFIN: CatalogueEntry {}

extension RepeatedFIN {
    static var doubts: Set<CaptureFlaw.Kind> {
        [.lostPackets, .holes, .missingFile, .sampled, .oneDirection]
    }

    static var thresholds: [Thresholds.Name] { [.finCopies, .repeating] }

    static func sentence(_ words: Words) -> String {
        let why =
            switch words.form {
            case .windowClosed:
                "The \(words.peer)'s window is closed: its application does not read."
            case .returnPath:
                "The \(words.peer)'s acknowledgments are in this capture but do not reach the"
                    + " \(words.endName)."
            default:
                "The \(words.peer) has sent nothing on it since: \(words.silence).\(words.icmpReport)"
            }
        return "The \(words.endName) keeps retransmitting its FIN\(words.counted("sent")). \(why)"
    }

    static var rivals: [Rival] {
        [
            Rival(.notCaptured) { words in
                "the acknowledgment arrives and the capture lacks it: on the \(words.endName), run \(words.capture)"
            }
        ]
    }

    static func remedy(_ words: Words) -> [String] {
        [
            words.form == .windowClosed
                ? "on the \(words.peer), run `ss -tmn \(words.ss(words.end.peer))`: a full Recv-Q means"
                    + " that the application does not read"
                : "capture on the \(words.peer): \(words.capture)",
            "a firewall on the path may have dropped its state: its timeouts for closing connections"
                + " should be above 60 s",
        ]
    }
}
