public import Diagnosis

extension Diagnosis {
    /// The path of a capture in this program's source that shows it; nil for what none shows.
    public var example: String? {
        let name: String? =
            switch self {
            case .closeWaitLeak: "close-wait-leak-many"
            case .finWait2Held: "fin-wait-2-held-at-client"
            case .finWait1Stuck: "fin-wait-1-stuck-at-middle"
            case .lastACKStuck: "last-ack-stuck-at-client"
            case .timeWaitPileup: "time-wait-pileup-at-client"
            case .portReuseCollision: "port-reuse-collision-at-client"
            case .legitimateHalfClose: "half-close-meant-at-client"
            case .idleTimeoutBlackhole: "idle-timeout-blackhole-at-client"
            case .idleTimeoutReset: "idle-timeout-rst-at-client"
            case .forgedReset: "forged-rst-at-client"
            case .halfOpenPeerRestarted: "half-open-peer-restarted-at-client"
            case .abortiveClose: "abort-while-sending"
            case .keepaliveRace: "keepalive-race-at-client"
            case .resetIgnored: "rst-ignored-at-middle"
            case .synFiltered: "syn-filtered-at-client"
            case .acceptQueueFull: "accept-queue-full-at-middle"
            case .refused: "refused-at-client"
            case .synReceivedStuck: "syn-recv-stuck-at-middle"
            case .synFlood: "syn-flood"
            case .portScan: "port-scan-at-client"
            case .simultaneousOpen: "simultaneous-open-at-client"
            case .selfConnect: "self-connect"
            case .zeroWindowStall: "late-zero-window-at-client"
            case .keepaliveFailed: "keepalive-failed-at-middle"
            case .retransmitUntilDeath: "retransmit-until-death-at-middle"
            case .healthCheck: "health-check-fin"
            case .natBypassed: "entry-lost-at-client"
            case .slowHandshake: "slow-ecn"
            case .pathMTU: "mtu-hole-probed"
            case .requestUnanswered: "hung-program-at-client"
            case .proxyHalfClose: "proxy-ends-half-close-at-client"
            case .serviceDropsAll: "drops-all-fin-at-client"
            case .synQueueDrop: "syn-queue-drop-ipv4"
            case .pawsBehindNAT: "paws-behind-nat-at-middle"
            case .duplicateAddress: "duplicate-address-at-inside"
            case .resetNotDelivered: "rst-does-not-arrive-at-client"
            case .unfinished: "trap-ends-early-at-server"
            case .oneWay: "trap-client-only"
            default: nil
            }
        return name.map { "Captures/cases/\($0).pcap" }
    }
}
