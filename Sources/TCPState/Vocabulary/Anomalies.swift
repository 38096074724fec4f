/// What was odd about a connection, as a set. Odd traffic never stops the analysis.
public struct Anomalies: OptionSet, Hashable, Sendable {
    /// One bit per oddity.
    public let rawValue: UInt32

    /// Wraps the bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The capture shows no handshake.
    @inlinable public static var midStream: Anomalies { Anomalies(rawValue: 1 << 0) }
    /// An acknowledgment covers data that is not in the capture.
    @inlinable public static var ackOfUnseenData: Anomalies { Anomalies(rawValue: 1 << 2) }
    /// A RST that its receiver does not accept: wrong sequence number. RFC 5961, section 3.
    @inlinable public static var invalidReset: Anomalies { Anomalies(rawValue: 1 << 3) }
    /// A SYN inside a synchronized connection. RFC 5961, section 4.
    @inlinable public static var synInConnection: Anomalies { Anomalies(rawValue: 1 << 4) }
    /// An endpoint took back what a segment on its way had promised: that segment was lost.
    @inlinable public static var lostAfterTap: Anomalies { Anomalies(rawValue: 1 << 6) }
    /// The port pair was used by an earlier connection.
    @inlinable public static var portReuse: Anomalies { Anomalies(rawValue: 1 << 7) }
    /// Both sides sent SYN before either saw the other's.
    @inlinable public static var simultaneousOpen: Anomalies { Anomalies(rawValue: 1 << 8) }
    /// Both sides sent FIN before either saw the other's.
    @inlinable public static var simultaneousClose: Anomalies { Anomalies(rawValue: 1 << 9) }
    /// Source and destination are the same address and port.
    @inlinable public static var selfConnect: Anomalies { Anomalies(rawValue: 1 << 10) }
    /// Data in the SYN. RFC 7413.
    @inlinable public static var fastOpen: Anomalies { Anomalies(rawValue: 1 << 11) }
    /// A receiver closed its window to zero.
    @inlinable public static var zeroWindow: Anomalies { Anomalies(rawValue: 1 << 12) }
    /// Keepalive probes were seen. RFC 1122, section 4.2.3.6.
    @inlinable public static var keepalive: Anomalies { Anomalies(rawValue: 1 << 13) }
    /// An ICMP message reported the peer unreachable.
    @inlinable public static var unreachable: Anomalies { Anomalies(rawValue: 1 << 14) }
    /// The first bytes of the handshake went past unacknowledged: SYN,ACK was repeated after the ACK.
    @inlinable public static var handshakeIgnored: Anomalies { Anomalies(rawValue: 1 << 16) }
    /// The sequence space wrapped.
    @inlinable public static var sequenceWrap: Anomalies { Anomalies(rawValue: 1 << 17) }
    /// A multipath subflow. RFC 8684.
    @inlinable public static var multipath: Anomalies { Anomalies(rawValue: 1 << 18) }
    /// It was there before the run began: a kernel or an earlier run told of it.
    @inlinable public static var presentBefore: Anomalies { Anomalies(rawValue: 1 << 19) }
    /// The same packets are tracked on another interface or VLAN as well, where they were seen first.
    @inlinable public static var seenElsewhere: Anomalies { Anomalies(rawValue: 1 << 20) }

    /// The stable names, in bit order.
    public static let names: [(Anomalies, String)] = [
        (.midStream, "mid_stream"),
        (.ackOfUnseenData, "ack_of_unseen_data"), (.invalidReset, "invalid_reset"),
        (.synInConnection, "syn_in_connection"),
        (.lostAfterTap, "lost_after_tap"), (.portReuse, "port_reuse"),
        (.simultaneousOpen, "simultaneous_open"), (.simultaneousClose, "simultaneous_close"),
        (.selfConnect, "self_connect"), (.fastOpen, "fast_open"), (.zeroWindow, "zero_window"),
        (.keepalive, "keepalive"), (.unreachable, "icmp_unreachable"),
        (.handshakeIgnored, "handshake_ignored"),
        (.sequenceWrap, "sequence_wrap"), (.multipath, "multipath"),
        (.presentBefore, "present_before"), (.seenElsewhere, "seen_elsewhere"),
    ]
}
