/// Another explanation of packets that a finding explains: another diagnosis, or none at all.
public enum Explanation: UInt8, CaseIterable, Sendable {
    /// The RST is not that of the end that it names.
    case anotherSender
    /// A second host with the same address has sent it.
    case secondHost
    /// The end's own program has ended the connection.
    case ownAbort
    /// The end's host knows no such connection.
    case restart
    /// What is missing is missing in the capture only.
    case notCaptured
    /// The capture shows one direction only.
    case oneDirection
    /// It would have come after the capture.
    case captureEnd
    /// A half-close that is meant.
    case meantHalfClose
    /// The end would close, but still has data to send.
    case blocked
    /// The segments crossed on the path.
    case crossedOnPath
    /// A retransmission, or a copy of the same segment.
    case copy
    /// One of several backends.
    case deadBackend
    /// A health check.
    case healthCheck
    /// The protocol has no answer to this.
    case noAnswerDue
    /// Segments are lost by chance.
    case chance
    /// The other end is gone, or says nothing.
    case silentPeer
    /// The way back is broken, not the way there.
    case returnPath
    /// Clients that want the service, and a server that is too slow.
    case realClients
    /// A timer of the kernel, or a program that waits on purpose.
    case waitsOnPurpose
    /// It works as its owner wants it to.
    case wanted
    /// What ends connections at that address forgets idle ones.
    case idleTimeout

    /// The stable name: that of a diagnosis where it is one.
    public var name: String {
        switch self {
        case .anotherSender: "forged-rst"
        case .secondHost: "duplicate-address"
        case .ownAbort: "abortive-close"
        case .restart: "half-open-peer-restarted"
        case .notCaptured: "not-captured"
        case .oneDirection: "asymmetric-or-one-way"
        case .captureEnd: "unfinished"
        case .meantHalfClose: "legit-half-close"
        case .blocked: "zero-window-stall"
        case .crossedOnPath: "crossed-on-the-path"
        case .copy: "copy-of-a-segment"
        case .deadBackend: "half-dead-pool"
        case .healthCheck: "health-check"
        case .noAnswerDue: "protocol-without-answers"
        case .chance: "random-loss"
        case .silentPeer: "silent-peer"
        case .returnPath: "return-path"
        case .realClients: "overload"
        case .waitsOnPurpose: "waits-on-purpose"
        case .wanted: "wanted"
        case .idleTimeout: "idle-timeout-rst"
        }
    }
}

/// A set of explanations.
struct Explanations: OptionSet, Sendable {
    let rawValue: UInt32

    /// One of them.
    init(_ explanation: Explanation) { rawValue = 1 << UInt32(explanation.rawValue) }
    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// All of them.
    static let all = Explanations(rawValue: .max)

    func contains(_ explanation: Explanation) -> Bool { contains(Explanations(explanation)) }
}
