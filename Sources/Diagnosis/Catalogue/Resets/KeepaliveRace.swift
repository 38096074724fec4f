internal import TCPState
internal import Wire

/// The words of `keepalive-race`.
enum KeepaliveRace: CatalogueEntry {
    static let name = "keepalive-race"
    static let summary = "an end closes idle connections that its peer still uses"
    static let definition =
        "After a silence one end closes an idle connection while its peer's next request is in flight,"
        + " and answers the request with RST. The idle timeout of one end is shorter than the time for"
        + " which the other keeps connections."

    static func title(_ words: Words) -> String {
        "the \(words.endName) closes idle connections that the \(words.peer) still uses"
    }

    static func sentence(_ words: Words) -> String {
        "After \(words.lengthText) of silence the \(words.endName) closes while the \(words.peer)'s next"
            + " data is in flight, and answers it with RST: the \(words.endName)'s idle timeout is shorter"
            + " than the time for which the \(words.peer) keeps connections."
    }

    static let rivals: [Rival] = [
        .forgedReset,
        Rival(
            .chance,
            ofCapture: { evidence in
                let lengths = evidence.group.lengths
                let isConstant =
                    evidence.group.count > 1
                    && lengths.upperBound - lengths.lowerBound <= lengths.upperBound / 10
                return isConstant || lengths.lowerBound >= 5_000_000_000
                    ? .constant(lengths.lowerBound) : nil
            },
            doubt: { words in
                "the \(words.endName) closed for another reason: check its idle timeout, is it"
                    + " \(words.lengthText)?"
            }),
        Rival(
            .crossedOnPath, ofConnection: { $0.crossed($1) },
            doubt: { words in "the \(words.peer) had received the FIN before it sent: check its log"
            }),
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "make the \(words.peer) keep idle connections for less than \(words.lengthText), or the"
                + " \(words.endName) for longer",
            "retry requests that are safe to repeat",
        ]
    }
}

extension ConnectionExaminer {
    /// A RST without ACK from an end that has sent its FIN. KEEPALIVE RACE: after a silence one end
    /// closes while the other's next data is on its way, and answers that by RST: it sat idle for less
    /// long than the other one keeps connections. FIN-WAIT-2 HELD, EXPIRED: the other end was told
    /// of the FIN a minute ago and kept its half; the kernel has dropped the first one's since. Else an
    /// ABORTIVE CLOSE: the program closed while its peer still had to send, or did not wait for its FIN.
    func late(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        guard let age = reset.finAge else { return nil }
        let peer = sender.peer
        if reset.isFINAcknowledged, age >= limits[.finWait2] {
            return finding(
                .finWait2Held, reset, form: .expired, by: sender, fault: Fault(peer), .warning,
                .proved,
                length: age, from: self[sender].sinceFrame)
        }
        let closed = reset.time - age
        let flight = (self[peer].roundTrip ?? 100_000_000) * 3 / 2 + 5_000_000
        let crosses = reset.isAfterData && self[peer].lastNew - closed < flight
        // Of a close that follows what the peer sent after the silence no idle timeout is the reason.
        if crosses, let gap = connection.gaps.latest,
            (gap.end - closed).magnitude < flight + 2 * (self[sender].roundTrip ?? 0),
            gap.breaker != reset.sender || !gap.isData
        {
            return finding(
                .keepaliveRace, reset, by: sender, fault: Fault(peer), .warning, .proved,
                length: gap.duration, from: gap.frame)
        }
        if let left = farewell(of: peer) {
            return finding(
                .abortiveClose, reset, form: .farewell, by: sender, fault: Fault(sender), .notice,
                .proved, length: left)
        }
        let cutsData = reset.isAfterData && !reset.isAfterFINOnly
        return finding(
            .abortiveClose, reset, form: cutsData ? .closedEarly : .afterFIN, by: sender,
            fault: Fault(sender), .notice, .proved)
    }

    /// How many bytes of an end a RST left unacknowledged after its answer: a farewell, if they are few (a
    /// TLS close_notify, a last line). Nil for more, and where they may be the answer.
    private func farewell(of role: Role) -> TimeSpan? {
        let end = self[role]
        guard let left = rareFacts?.reset?.unacknowledged, left <= 130, end.payload > UInt64(left)
        else { return nil }
        return TimeSpan(nanoseconds: Int64(left))
    }
}
