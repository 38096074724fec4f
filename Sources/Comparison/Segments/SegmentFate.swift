internal import Wire

/// What became of a segment between two taps, as the pair of captures shows it.
public enum SegmentFate: UInt8, CaseIterable, Sendable {
    /// Its connection was matched with none, or nothing was compared.
    case notCompared
    /// Both taps saw it.
    case arrived
    /// Both taps saw its bytes, in segments of other sizes: offloads, or a box that cuts anew.
    case regrouped
    /// The tap at its sender's side saw it; the other one was there, and did not.
    case lost
    /// Only the tap at its receiver's side saw it: made between the taps.
    case injected
    /// Another copy of a segment that the other tap saw once: doubled between the taps.
    case duplicated
    /// The other tap did not capture it, though its host shows that it passed.
    case missed
    /// The other capture does not cover its time.
    case notCovered

    /// The name in reports.
    public var name: String {
        switch self {
        case .notCompared: "not-compared"
        case .arrived: "arrived"
        case .regrouped: "regrouped"
        case .lost: "lost"
        case .injected: "injected"
        case .duplicated: "duplicated"
        case .missed: "missed"
        case .notCovered: "not-covered"
        }
    }
}

/// What a segment's fields say at the second tap that they did not say at the first one.
public struct Alteration: OptionSet, Hashable, Sendable {
    /// One bit per field.
    public let rawValue: UInt16

    /// Wraps the bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// SEG.ACK, beyond a constant shift.
    public static let acknowledgment = Alteration(rawValue: 1)
    /// SEG.WND.
    public static let window = Alteration(rawValue: 2)
    /// PSH, URG, ECE or CWR.
    public static let flags = Alteration(rawValue: 4)
    /// TSval, or its absence.
    public static let timestamps = Alteration(rawValue: 8)
    /// The payload's first bytes.
    public static let payload = Alteration(rawValue: 16)
    /// IPv4 identification.
    public static let identification = Alteration(rawValue: 32)
    /// A time to live that grew on the way.
    public static let timeToLive = Alteration(rawValue: 64)

    /// All of them, with their names in reports.
    public static let names: [(Alteration, String)] = [
        (.acknowledgment, "acknowledgment"), (.window, "window"), (.flags, "flags"),
        (.timestamps, "timestamps"), (.payload, "payload"), (.identification, "identification"),
        (.timeToLive, "time-to-live"),
    ]

    /// Compares a segment with what arrived of it.
    ///
    /// - Parameter acknowledged: the shift of the numbers that it acknowledges.
    init(from sent: TapSegment, to received: TapSegment, acknowledged shift: UInt32) {
        var altered: Alteration = []
        if sent.flags.contains(.ack),
            sent.acknowledgmentNumber + shift != received.acknowledgmentNumber
        {
            altered.insert(.acknowledgment)
        }
        if sent.window != received.window { altered.insert(.window) }
        if sent.flags != received.flags { altered.insert(.flags) }
        if sent.hasTimestamps != received.hasTimestamps
            || sent.timestampValue != received.timestampValue
        {
            altered.insert(.timestamps)
        }
        if sent.payloadLength > 0, sent.digest.contradicts(received.digest) {
            altered.insert(.payload)
        }
        if sent.identification != received.identification { altered.insert(.identification) }
        if sent.timeToLive < received.timeToLive { altered.insert(.timeToLive) }
        self = altered
    }
}
