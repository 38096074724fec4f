internal import TCPState
internal import Wire

// How bad a group is, which may follow from the number.
extension FindingAggregator {
    /// Gives a group its severity, which may follow from the number.
    func rank(_ group: inout FindingGroup) {
        group.sortExamples()
        group.severity = group.worst
        func many(_ name: Thresholds.Name) -> Bool { Int64(group.count) >= limits[name] }
        switch group.key.diagnosis {
        case .closeWaitLeak where Int64(group.lasting) >= limits[.closeWaitCount]:
            group.severity = .critical
            group.settled = max(group.settled, group.lasting)
        case .refused where many(.refusedCount),
            .requestUnanswered where many(.queueCount) && group.forms[.silence] == 0,
            .synQueueDrop where many(.queueCount):
            group.severity = min(group.severity, .warning)
        case .slowHandshake
        where many(.queueCount)
            && (group.lengths.upperBound >= 3_000_000_000
                || group.count * 2 > statistics(of: group.key.service)?.completed ?? 0):
            group.severity = min(group.severity, .warning)
        case .keepaliveRace
        where group.count == 1 && group.lengths.upperBound < limits[.idle]:
            group.severity = .notice
        case .retransmitUntilDeath
        where Int64(group.forms[.inVain]) >= limits[.queueCount] as Int64:
            group.severity = min(group.severity, .warning)
        case .abortiveClose where group.losses >= limits[.abortCount]: group.severity = .warning
        default: break
        }
        if let place = placeOfStatistics(of: group.key.service) {
            services.values[place].explain(&group)
        }
        if group.forms[.atOnce] > 0, group.isOfAll, many(.queueCount) {
            group.severity = min(group.severity, .warning)
        }
        if group.key.diagnosis == .abortiveClose, group.form == .farewell {
            group.measure = group.lengths.upperBound.nanoseconds
        }
    }
}

extension ServiceStatistics {
    /// A host that is heard so long after a silence began on one connection was not gone when it began.
    private static var stall: TimeSpan { 2_000_000_000 }

    /// Notes what the service's connections tell of a group of them.
    fileprivate func explain(_ group: inout FindingGroup) {
        group.isOfAll = group.count == answered
        group.isPeerUp =
            group.key.end == .client
            && (group.examples.allSatisfy { $0.middle < heard }
                || group.examples.contains { $0.begin + Self.stall < heard })
        switch group.key.diagnosis {
        case .slowHandshake: group.measure = Int64(completed)
        case .idleTimeoutReset: group.measure = survivedGap.nanoseconds
        case .synFiltered
        where group.form == .usual && served > 0 && hasCompleted(about: group.oldest):
            group.forms = SmallCounter(.some, group.count)
            group.measure = Int64(served)
        default: break
        }
    }
}

extension FindingGroup {
    /// Aborts that may lose a request or an answer: all but those after the last data, and in the handshake.
    fileprivate var losses: Int64 {
        let harmless = forms[.farewell] + forms[.inHandshake]
        return Int64(count - min(count, harmless))
    }
}

extension FindingExample {
    /// When the trouble began: where a RST ends a silence, the finding has the moment of the RST, and the silence's
    /// length.
    fileprivate var begin: Timestamp {
        switch (finding.diagnosis, finding.form) {
        case (.retransmitUntilDeath, .reset), (.finWait1Stuck, .silence), (.lastACKStuck, .silence):
            finding.since - finding.length
        default: finding.since
        }
    }

    /// The middle of the time since the trouble began: a host that is heard later has not gone when it began.
    fileprivate var middle: Timestamp {
        begin + TimeSpan(nanoseconds: (lastSeen - begin).nanoseconds / 2)
    }
}
