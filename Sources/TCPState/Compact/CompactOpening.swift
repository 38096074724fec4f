internal import Wire

/// How an end of a steady connection began, in 40 bytes. Times are counted from the connection's first segment, frames
/// too.
@usableFromInline
struct CompactOpening: Sendable {
    let acknowledgmentNumber: SequenceNumber
    let timestampValue: UInt32
    let initialSendSequence: SequenceNumber
    /// The frame that shows the entry into ESTABLISHED.
    let sinceFrame: Int32
    let since: ShortNumber
    let time: ShortNumber
    let window: UInt16
    let maximumSegmentSize: UInt16
    let identification: UInt16
    let flags: TCPFlags
    let options: TCPOptions.Present
    let hardwareSource: UInt16

    /// The beginning of an end; nil if it does not fit.
    init?(_ end: borrowing @_addressable Endpoint, from base: Timestamp, frame: UInt64) {
        guard let since = ShortNumber(end.since, from: base),
            let time = ShortNumber(end.first.time, from: base),
            let sinceFrame = Int32(exactly: Int64(bitPattern: end.sinceFrame &- frame)),
            end.controlSeen.nanoseconds == .min || end.controlIsFirst
        else { return nil }
        acknowledgmentNumber = end.first.acknowledgmentNumber
        timestampValue = end.first.timestampValue
        initialSendSequence = end.initialSendSequence
        self.sinceFrame = sinceFrame
        self.since = since
        self.time = time
        window = end.first.window
        maximumSegmentSize = end.first.maximumSegmentSize
        identification = end.first.identification
        flags = end.first.flags
        options = end.first.options
        hardwareSource = end.first.hardwareSource
    }

    /// Gives an end what this one holds.
    func copy(to end: inout Endpoint, from base: Timestamp, frame: UInt64) {
        end.first.time = time.time(from: base)
        end.first.acknowledgmentNumber = acknowledgmentNumber
        end.first.timestampValue = timestampValue
        end.first.window = window
        end.first.maximumSegmentSize = maximumSegmentSize
        end.first.identification = identification
        end.first.flags = flags
        end.first.options = options
        end.first.hardwareSource = hardwareSource
        end.initialSendSequence = initialSendSequence
        end.since = since.time(from: base)
        end.sinceFrame = frame &+ UInt64(bitPattern: Int64(sinceFrame))
    }
}

extension Endpoint {
    /// Whether the first copy of its SYN is its first segment.
    fileprivate var controlIsFirst: Bool {
        @_addressableSelf get {
            first.flags.contains(.syn) && controlSeen == first.time
                && (!first.options.contains(.timestamps)
                    || controlTimestamp == first.timestampValue)
        }
    }
}
