internal import TCPState
internal import Wire

// What a RST may be besides what it is taken for, and how its numbers, its TTL and its hardware address tell.
extension Rival {
    /// A device on the path has sent the RST.
    static let forgedReset = Rival(
        .anotherSender,
        where: { $0.examples.first?.reset != nil && $0.form != .device && $0.form != .byOption },
        ofConnection: { $0.ownTimeToLive($1) },
        ofCapture: { evidence in
            guard evidence.group.key.end == .server, let reset = evidence.example?.reset,
                let host = evidence.hostTimeToLive, reset.timeToLive == host
            else { return nil }
            return .hostTimeToLive(host)
        },
        doubt: { words in
            "a device on the path sent the RST: on the \(words.endName), run \(words.capture)"
        })

    /// A second host with the same address has sent it.
    static let secondHost = Rival(
        .secondHost, ofConnection: { $0.sameHardware($1) },
        ofCapture: { evidence in
            guard let reset = evidence.example?.reset, let statistics = evidence.statistics,
                reset.hardwareSource != 0,
                statistics.hardware.contains(where: { $0.source == reset.hardwareSource }),
                statistics.hardware.allSatisfy({
                    $0.source == reset.hardwareSource || $0.last < reset.time
                })
            else { return nil }
            return .moved
        },
        doubt: { words in
            "a second host with the \(words.endName)'s address sent the RST: on its link, run `arping -c 3"
                + " \(words.address(words.end))`"
        })

    /// The end's host has no such socket: it restarted, or never had one.
    static let noSocket = Rival(
        .restart, ofConnection: { $0.hadSocket($1) },
        doubt: { words in
            "the \(words.endName)'s host has lost the socket: check `uptime` and `journalctl --since` at the"
                + " time above"
        })

    /// A load balancer at the end's address, or the end's own host, forgets what is idle.
    static let idleTimeout = Rival(
        .idleTimeout, where: { $0.form != .unseen }, ofConnection: { $0.wasNotIdle($1) },
        ofCapture: { evidence in
            guard let survived = evidence.statistics?.survivedGap,
                survived >= evidence.group.lengths.upperBound
            else { return nil }
            return .survived(survived)
        },
        doubt: { words in
            "a load balancer at the \(words.endName)'s address, or the \(words.endName)'s host, forgets connections"
                + " that are idle for \(words.lengthText): compare with its idle timeout"
        })

    /// The end's own program has aborted a socket that it had.
    static let ownAbort = Rival(
        .ownAbort, ofConnection: { $0.hadNoSocket($1) },
        doubt: { words in
            "the \(words.endName) application aborted the connection: look for it in its log"
        })

    /// What would make the numbers right, or the FIN, is not in the capture.
    static let notCaptured = Rival(
        .notCaptured,
        ofConnection: { examiner, _ in
            examiner.connection.anomalies.contains(.ackOfUnseenData) ? nil : .continuous
        },
        doubt: { words in
            "packets of the \(words.endName) are missing from the capture: repeat it with a larger buffer,"
                + " `tcpdump -B 65536 -w second.pcap 'host \(words.server) and tcp port \(words.port)'`"
        })
}

extension ConnectionExaminer {
    /// The RST that a finding about an end is about.
    private func reset(of finding: Finding) -> RareFacts.Reset? {
        guard let reset = rareFacts?.reset, connection.role(reset.sender) == finding.end else {
            return nil
        }
        return reset
    }

    /// That the RST has the TTL of the end's other segments, and no other RST came with another one.
    fileprivate func ownTimeToLive(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding) else { return nil }
        let end = self[finding.end]
        let others = end.packets - min(end.packets, UInt64(end.rstCount))
        guard others > 0, reset.oddOthers == 0,
            reset.timeToLive == reset.usualTimeToLive || reset.timeToLive == end.first.timeToLive
        else { return nil }
        return .sameTimeToLive(reset.timeToLive, segments: others)
    }

    /// That the RST came from where the end's SYN came from.
    fileprivate func sameHardware(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding), reset.hardwareSource != 0,
            reset.hardwareSource == self[finding.end].first.hardwareSource
        else { return nil }
        return .sameHardware
    }

    /// That no second host with the end's address can have sent the RST: it knows no number but those of the
    /// segment that it answers, and has a hardware address and a way of its own.
    func isNoSecondHost(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding) else { return .answersNothing }
        if reset.form == .live { return .liveNumbers }
        if !isAnswer(reset, finding.end) { return .answersNothing }
        return sameHardware(finding)
            ?? (reset.timeToLive.isUnrouted ? nil : ownTimeToLive(finding))
    }

    /// That the RST's sender had the socket.
    fileprivate func hadSocket(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding) else {
            return self[finding.end].hasSentFIN
                ? .acknowledged(frame: self[finding.end].sinceFrame) : nil
        }
        if reset.form == .live { return .liveNumbers }
        if reset.finAge != nil { return .recent(reset.finAge ?? 0) }
        if !isAnswer(reset, finding.end) { return .answersNothing }
        return reset.quiet < limits[.restart] ? .recent(reset.quiet) : nil
    }

    /// That the RST's sender had no socket.
    fileprivate func hadNoSocket(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding), reset.form == .stateless,
            isAnswer(reset, finding.end)
        else { return nil }
        return .answersSegment
    }

    /// That the silence before the RST is shorter than idle timeouts are.
    fileprivate func wasNotIdle(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding), reset.silence < limits[.idle] else { return nil }
        return .recent(reset.silence)
    }

    /// That the end's FIN and its peer's data were under way at the same time.
    func crossed(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding), let age = reset.finAge else { return nil }
        let ahead = self[finding.end.peer].lastNew - (reset.time - age)
        return .tooSoon(max(0, ahead))
    }

    /// That an answer came sooner than the end could give it.
    func answeredTooSoon(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding), let roundTrip = self[finding.end].roundTrip,
            roundTrip > 1_000_000, reset.delay < roundTrip / 4
        else { return nil }
        return .tooSoon(reset.delay)
    }

    /// That the end in whose name the RST came goes on after it.
    func goesOnAfterReset(_ finding: Finding) -> Fact? {
        guard let reset = reset(of: finding) else { return nil }
        return (reset.laterFrame ?? reset.lifeFrame).map { .goesOn(frame: $0) }
    }
}
