public import Wire

/// The timers of a TCP stack: what a packet does not show.
///
/// Each value can be overridden. Defaults are Linux's (`ip-sysctl`), with the measured end of
/// TIME-WAIT: 60.1 to 62.0 s, 61 in the middle, because its timer wheel is coarse.
public struct StackProfile: Sendable, Equatable {
    /// The profile's name: `linux`, `rfc`, `bsd`, `windows`.
    public var name: String
    /// Time spent in TIME-WAIT.
    public var timeWait: TimeSpan
    /// How far the end of TIME-WAIT may lie from `timeWait`, either way.
    public var timeWaitSlack: TimeSpan
    /// Life of an orphan in FIN-WAIT-2.
    public var finWait2: TimeSpan
    /// From the first SYN to giving up.
    public var synSent: TimeSpan
    /// From the first SYN,ACK to giving up.
    public var synReceived: TimeSpan
    /// From the first retransmission of data to giving up.
    public var dataRetries: TimeSpan
    /// The shortest delay of an acknowledgment that waits for data to ride on; 0 if not known.
    public var delayedACK: TimeSpan
    /// From the first FIN to giving up where no program holds the socket.
    public var orphanRetries: TimeSpan
    /// Unanswered keepalive probes after which a connection is given up. RFC 1122, section 4.2.3.6.
    public var keepaliveProbes: UInt16
    /// From one of them to the next, and from the last to giving up.
    public var keepaliveInterval: TimeSpan
    /// Whether a RST with the number of the peer's FIN, one below RCV.NXT, is accepted in CLOSE-WAIT,
    /// LAST-ACK and CLOSING: Linux's `tcp_reset_check`, for stacks that send such.
    public var acceptsResetAtFIN: Bool

    /// Linux: tcp_fin_timeout 60, tcp_syn_retries 6 (four of them linear since 6.5: 131 s),
    /// tcp_synack_retries 5 (63 s), tcp_retries2 15 (924.6 s), tcp_orphan_retries 8, tcp_keepalive_probes 9,
    /// tcp_keepalive_intvl 75.
    public static let linux = StackProfile(
        name: "linux", timeWait: .seconds(61), timeWaitSlack: .seconds(1), finWait2: .seconds(60),
        synSent: .seconds(131), synReceived: .seconds(63), dataRetries: 924_600_000_000,
        delayedACK: 40_000_000, orphanRetries: 102_200_000_000,
        keepaliveProbes: 9, keepaliveInterval: .seconds(75), acceptsResetAtFIN: true)

    /// RFC 9293: MSL 120 s, R2 at least 100 s for data and 180 s for SYN (section 3.8.3);
    /// no timer ends FIN-WAIT-2.
    public static let rfc = StackProfile(
        name: "rfc", timeWait: .seconds(240), timeWaitSlack: .seconds(1), finWait2: .max,
        synSent: .seconds(180), synReceived: .seconds(180), dataRetries: .seconds(300),
        delayedACK: 0, orphanRetries: .seconds(300),
        keepaliveProbes: 8, keepaliveInterval: .seconds(75), acceptsResetAtFIN: false)

    /// FreeBSD and macOS: MSL 30 s, net.inet.tcp.finwait2_timeout 60 s, connection-establishment timer 75 s.
    public static let bsd = StackProfile(
        name: "bsd", timeWait: .seconds(60), timeWaitSlack: .seconds(1), finWait2: .seconds(60),
        synSent: .seconds(75), synReceived: .seconds(75), dataRetries: .seconds(540),
        delayedACK: 0, orphanRetries: .seconds(540),
        keepaliveProbes: 8, keepaliveInterval: .seconds(75), acceptsResetAtFIN: false)

    /// Windows: TcpTimedWaitDelay 120 s, three SYN attempts in 21 s, five data retransmissions.
    public static let windows = StackProfile(
        name: "windows", timeWait: .seconds(120), timeWaitSlack: .seconds(1),
        finWait2: .seconds(120), synSent: .seconds(21), synReceived: .seconds(21),
        dataRetries: .seconds(20), delayedACK: 0, orphanRetries: .seconds(20),
        keepaliveProbes: 10, keepaliveInterval: .seconds(1), acceptsResetAtFIN: false)

    /// All profiles by name.
    public static let all: [StackProfile] = [linux, rfc, bsd, windows]
}
