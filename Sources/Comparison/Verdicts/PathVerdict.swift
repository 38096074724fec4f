public import TCPState
public import Wire

/// What happened to a connection on its way, who did it and where, with the frames that show it.
public struct PathVerdict: Sendable {
    /// What happened.
    public let kind: Kind
    /// Whose segment it is about, by its header; nil where it is about the connection.
    public let sender: Role?
    /// The taps between which it happened, in the direction of travel; nil where it happened at an end.
    public let gap: SegmentTrace.Gap?
    /// How sure it is: proved with both frames shown, inferred where a frame is missing at a tap that was there,
    /// assumed where nothing shows that the tap was still there.
    public let grade: Grade
    /// The frames, in the order in which the segment passed the taps.
    public let evidence: [Evidence]
    /// How many segments it is about.
    public let count: Int
    /// The time to live of the sender's other segments at the first of these taps, where it is another one.
    public let usualTimeToLive: UInt8?
    /// What a box changed; empty for other kinds.
    public let changes: [OptionChange]

    /// A frame of a tap.
    public struct Evidence: Sendable {
        /// The tap's index.
        public let tap: Int
        /// The tap's frame.
        public let frame: UInt64
        /// Its time by the tap's clock.
        public let time: Timestamp
        /// Its time to live.
        public let timeToLive: UInt8

        /// A segment's frame at a tap.
        public init(_ segment: TapSegment, at tap: Int) {
            self.tap = tap
            frame = segment.frame
            time = segment.time
            timeToLive = segment.timeToLive
        }

        init(_ error: TapICMP, at tap: Int) {
            self.tap = tap
            frame = error.frame
            time = error.time
            timeToLive = 0
        }
    }

    /// What happened, the most telling first.
    public enum Kind: String, CaseIterable, Sendable {
        /// A RST appears behind a tap that it never passed.
        case resetBetween = "reset-between"
        /// An end sent a RST, which arrived.
        case resetArrived = "reset-arrived"
        /// An end sent a RST, which did not arrive.
        case resetLost = "reset-lost"
        /// No SYN got through.
        case synLost = "syn-lost"
        /// The SYN got through, no SYN,ACK came back.
        case synACKLost = "syn-ack-lost"
        /// From some moment on nothing of an end got through.
        case dropped = "dropped"
        /// An ICMP error appears behind a tap that it never passed.
        case errorBetween = "icmp-between"
        /// A box answered a SYN in the server's name.
        case answeredBetween = "answered-between"
        /// A SYN appears behind a tap that it never passed: made there, or translated on the way there only.
        case openedBetween = "opened-between"
        /// A box acknowledged in an end's name.
        case acknowledgedBetween = "acknowledged-between"
        /// No FIN of an end got through.
        case finLost = "fin-lost"
        /// A box sent data in an end's name.
        case dataBetween = "data-between"
        /// A box changed data.
        case payloadAltered = "payload-altered"
        /// A box changed options of a SYN, or sequence numbers.
        case altered = "altered"
        /// Segments were lost, and sent again.
        case lossRecovered = "loss-recovered"
        /// Both ends sent their FINs, which arrived.
        case closed = "closed"
        /// Nothing of it all.
        case unremarkable = "unremarkable"
    }
}

/// What a box made of a field of a SYN.
public struct OptionChange: Hashable, Sendable {
    /// Whose SYN it is.
    public let sender: Role
    /// The field: `mss`, `window-scale`, `sack-permitted`, `timestamps`, `sequence-numbers`.
    public let field: String
    /// What it was; nil where there was none.
    public let before: UInt32?
    /// What it became; nil where it was removed.
    public let after: UInt32?

    /// Compares the SYN of an end at two taps, in the direction in which it travels.
    static func all(
        _ sent: TapConnection.SYN, _ received: TapConnection.SYN, sender: Role
    ) -> [OptionChange] {
        let (a, b) = (sent.options, received.options)
        guard !a.present.contains(.incomplete), !b.present.contains(.incomplete) else { return [] }
        func value(
            _ options: TCPOptions, _ option: TCPOptions.Present, _ value: UInt32
        ) -> UInt32? {
            options.present.contains(option) ? value : nil
        }
        let fields: [(String, UInt32?, UInt32?)] = [
            (
                "mss", value(a, .maximumSegmentSize, UInt32(a.maximumSegmentSize)),
                value(b, .maximumSegmentSize, UInt32(b.maximumSegmentSize))
            ),
            (
                "window-scale", value(a, .windowScale, UInt32(a.windowScale)),
                value(b, .windowScale, UInt32(b.windowScale))
            ),
            ("sack-permitted", value(a, .sackPermitted, 1), value(b, .sackPermitted, 1)),
            ("timestamps", value(a, .timestamps, 1), value(b, .timestamps, 1)),
            (
                "sequence-numbers", sent.initialSequenceNumber.rawValue,
                received.initialSequenceNumber.rawValue
            ),
        ]
        return fields.filter { $0.1 != $0.2 }.map {
            OptionChange(sender: sender, field: $0.0, before: $0.1, after: $0.2)
        }
    }
}
