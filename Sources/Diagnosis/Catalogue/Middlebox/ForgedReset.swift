internal import TCPState
internal import Wire

/// The words of `forged-rst`.
enum ForgedReset: CatalogueEntry {
    static let name = "forged-rst"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .missingFile]
    static let summary = "the RST was not sent by the end that it names"
    static let definition =
        "A RST carries the address of one end, and that end did not send it. Proved where that end goes"
        + " on sending, because its socket is alive; inferred where the RST has a different TTL, or where"
        + " several RSTs arrive in a row that no single host would send."

    static func title(_ words: Words) -> String { "the RST was not sent by the \(words.endName)" }

    static func sentence(_ words: Words) -> String {
        let lives = "the \(words.endName) goes on sending after it"
        switch words.form {
        case .rejected:
            return
                "The RST does not come from the \(words.endName)'s socket: \(lives). Its TTL is the host's"
                + " own, so a firewall rule on the \(words.endName) rejects the connection."
        case .repeated where words.grade != .proved:
            return
                "Several RSTs arrive in a row that no single host would send: their sequence numbers, TTLs"
                + " or IP IDs differ. A third party is guessing, in the \(words.endName)'s name."
        default:
            let proof =
                words.grade == .proved
                ? "\(lives), so its socket is alive" : "its TTL differs"
            return "The \(words.endName) did not send the RST: \(proof).\(words.timesToLive)"
        }
    }

    static let rivals: [Rival] = [
        Rival(
            .ownAbort, ofConnection: { $0.goesOnAfterReset($1) },
            doubt: { words in
                "the \(words.endName) sent it and the route changed: on the \(words.endName), run"
                    + " \(words.capture)"
            }),
        Rival(
            .secondHost, ofConnection: { $0.isNoSecondHost($1) },
            doubt: { words in
                "a second host with the \(words.endName)'s address sent it: on its link, run `arping -c 3"
                    + " \(words.address(words.end))`"
            }),
        Rival(
            .copy, ofCapture: { $0.facts.hasTranslatedCopies ? nil : .continuous },
            doubt: { _ in "the capture merges both sides of a NAT" }),
    ]

    static func remedy(_ words: Words) -> [String] {
        words.form == .rejected
            ? [
                "on the \(words.endName), find the rule that rejects with tcp-reset: `nft list ruleset`,"
                    + " `iptables-save | grep -i reject`"
            ]
            : [
                "check the log of the firewall, IPS or load balancer between \(words.other) and"
                    + " \(words.server)",
                "\(words.capture) on both sides of each device shows which one sends it",
            ]
    }
}

extension ConnectionExaminer {
    /// RSTs with several numbers, none of which the receiver took, before the one that ended the connection:
    /// guesses in an end's name. The other end may have been killed in the same way.
    func guessedResets(before reset: RareFacts.Reset) -> Finding? {
        guard let ignored = rareFacts?.ignored, ignored.count > 1, ignored.hasOtherNumbers,
            ignored.timeToLive != ignored.usualTimeToLive || ignored.count > 2
        else { return nil }
        let sender = connection.role(ignored.sender)
        return Finding(
            .forgedReset, .repeated, end: sender, fault: .middlebox, .warning, .inferred,
            since: ignored.time, count: Int(ignored.count) + 1, frame: ignored.frame,
            laterFrame: reset.frame)
    }

    /// FORGED RST: a device or another host has sent the RST in an end's name. Proved where that end lives on: it goes
    /// on with new data, or repeats what it had sent although its socket would be gone. Inferred where
    /// the RST came another way (its time to live is none that the end's kernel has), or several came in a
    /// row that one host does not send so: other times to live, numbers that are guesses.
    ///
    /// Where the end lives and the RST has its own time to live, and the peer's RSTs are ignored as well,
    /// its own host's firewall rejects the connection. Where a long silence came before, it is a device
    /// that has forgotten the connection: IDLE-TIMEOUT RST; then also where the RST came in less than a
    /// quarter of the shortest time in which the peer has ever answered.
    func forged(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        let isAnswered = reset.isAfterData || reset.isAfterProbe
        let wasIdle = reset.silence >= limits[.idle] && isAnswered
        let cameAnotherWay = cameAnotherWay(reset, sender)
        let isTooSoon =
            wasIdle && reset.form == .stateless && reset.finAge == nil
            && (self[sender].roundTrip.map { $0 > 1_000_000 && reset.delay < $0 / 4 } ?? false)
        let lives = reset.laterFrame ?? reset.lifeFrame
        if wasIdle, cameAnotherWay || isTooSoon, lives == nil {
            return finding(
                .idleTimeoutReset, reset, by: sender, fault: .middlebox, .warning,
                isTooSoon && cameAnotherWay ? .proved : .inferred, length: reset.silence,
                from: connection.gaps.latest?.frame)
        }
        // The device that made the end's handshake ends what is idle, unasked.
        let quiet = min(reset.quiet, reset.delay)
        if quiet >= limits[.idle], !isAnswered, lives == nil, isOfHandshakeOnly(reset, sender) {
            return finding(
                .idleTimeoutReset, reset, form: .device, by: sender, fault: .middlebox, .warning,
                .inferred, length: quiet, from: connection.firstFrame)
        }
        if lives != nil, let duplicate = duplicateAddress(reset, sender) { return duplicate }
        guard lives != nil || cameAnotherWay || reset.oddOthers > 0 else { return nil }
        let isOwnHost =
            reset.laterFrame == nil && lives != nil && !cameAnotherWay && reset.oddOthers == 0
        return Finding(
            .forgedReset, isOwnHost ? .rejected : cameAnotherWay ? .usual : .repeated,
            end: sender, fault: isOwnHost ? Fault(sender) : .middlebox, .warning,
            lives == nil ? .inferred : .proved, since: reset.time, count: 1 + Int(reset.others),
            frame: reset.frame, laterFrame: lives)
    }
}
