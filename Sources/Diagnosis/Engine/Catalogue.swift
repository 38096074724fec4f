/// A diagnosis: its stable name, its words, and what makes it doubtful. How it is found stands below it in
/// the same file, as an extension of ``ConnectionExaminer`` where one connection shows it.
protocol CatalogueEntry {
    /// The stable name, as in JSON and `--fail-on`.
    static var name: String { get }
    /// The name of the same thing seen from the other end; nil for most.
    static var otherName: String? { get }
    /// The flaws of a capture that make it doubtful where they show in much of it.
    static var doubts: Set<CaptureFlaw.Kind> { get }
    /// The thresholds that decide about it.
    static var thresholds: [Thresholds.Name] { get }
    /// What is the matter, whichever end it is about, in one line without a full stop.
    static var summary: String { get }
    /// What the diagnosis means and how it is recognised, in whole sentences.
    static var definition: String { get }
    /// What is the matter in a group, in one line without a full stop.
    static func title(_ words: Words) -> String
    /// What the packets show, in whole sentences.
    static func sentence(_ words: Words) -> String
    /// What else would explain the packets, and what refutes it.
    static var rivals: [Rival] { get }
    /// What to do, the first step first: commands stand between backquotes.
    static func remedy(_ words: Words) -> [String]
}

extension CatalogueEntry {
    static var otherName: String? { nil }
    static var doubts: Set<CaptureFlaw.Kind> { [] }
    static var thresholds: [Thresholds.Name] { [] }
    static var rivals: [Rival] { [] }
    static func remedy(_ words: Words) -> [String] { [] }
}

extension Diagnosis {
    /// Its entry in the catalogue.
    var entry: any CatalogueEntry.Type {
        switch self {
        case .closeWaitLeak: CloseWaitLeak.self
        case .finWait2Held: FINWait2Held.self
        case .finWait1Stuck: FINWait1Stuck.self
        case .lastACKStuck: LastACKStuck.self
        case .timeWaitPileup: TimeWaitPileup.self
        case .portReuseCollision: PortReuseCollision.self
        case .legitimateHalfClose: LegitimateHalfClose.self
        case .idleTimeoutBlackhole: IdleTimeoutBlackhole.self
        case .idleTimeoutReset: IdleTimeoutReset.self
        case .forgedReset: ForgedReset.self
        case .halfOpenPeerRestarted: HalfOpenPeerRestarted.self
        case .halfOpen: HalfOpen.self
        case .abortiveClose: AbortiveClose.self
        case .keepaliveRace: KeepaliveRace.self
        case .resetIgnored: ResetIgnored.self
        case .synFiltered: SYNFiltered.self
        case .acceptQueueFull: AcceptQueueFull.self
        case .refused: Refused.self
        case .synReceivedStuck: SYNReceivedStuck.self
        case .synFlood: SYNFlood.self
        case .portScan: PortScan.self
        case .simultaneousOpen: SimultaneousOpen.self
        case .selfConnect: SelfConnect.self
        case .zeroWindowStall: ZeroWindowStall.self
        case .keepaliveFailed: KeepaliveFailed.self
        case .retransmitUntilDeath: RetransmitUntilDeath.self
        case .healthCheck: HealthCheck.self
        case .natBypassed: NATBypassed.self
        case .slowHandshake: SlowHandshake.self
        case .pathMTU: PathMTU.self
        case .requestUnanswered: RequestUnanswered.self
        case .proxyHalfClose: ProxyHalfClose.self
        case .serviceDropsAll: ServiceDropsAll.self
        case .synQueueDrop: SYNQueueDrop.self
        case .pawsBehindNAT: PAWSBehindNAT.self
        case .duplicateAddress: DuplicateAddress.self
        case .resetNotDelivered: ResetNotDelivered.self
        case .portExhaustion: PortExhaustion.self
        case .connectionChurn: ConnectionChurn.self
        case .idlePoolLeak: IdlePoolLeak.self
        case .resetForTimeWait: ResetForTimeWait.self
        case .unfinished: Unfinished.self
        case .oneWay: OneWay.self
        }
    }
}
