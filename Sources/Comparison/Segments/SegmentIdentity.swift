internal import TCPState
internal import Wire

/// By what a segment is known at both taps: its place in the stream, its flags, and what tells it from its repetitions.
struct SegmentIdentity: Hashable {
    let sequenceNumber: SequenceNumber
    let acknowledgmentNumber: SequenceNumber
    let payloadLength: UInt32
    let flags: TCPFlags
    let hasTimestamps: Bool
    let timestampValue: UInt32
    let identification: UInt16
    /// Tells acknowledgments apart that have no identification.
    let window: UInt16
    /// Of acknowledgments whose numbers no box rewrites: what they acknowledge selectively.
    let selective: UInt32

    /// - Parameters:
    ///   - shift: is added to the sequence number.
    ///   - acknowledged: is added to the acknowledgment number.
    ///   - kept: what the path leaves as it is.
    ///   - isRewritten: whether a box rewrites acknowledgment numbers.
    init(
        _ segment: TapSegment, shift: UInt32 = 0, acknowledged: UInt32 = 0,
        kept: Kept = .all, isRewritten: Bool = false
    ) {
        sequenceNumber = segment.sequenceNumber + shift
        let hasACK = segment.flags.contains(.ack)
        acknowledgmentNumber =
            hasACK ? segment.acknowledgmentNumber + acknowledged : SequenceNumber(0)
        payloadLength = segment.payloadLength
        flags = segment.flags
        hasTimestamps = kept != .numbers && segment.hasTimestamps
        timestampValue = kept != .numbers ? segment.timestampValue : 0
        identification = kept == .all ? segment.identification : 0
        let needsWindow = segment.identification == 0 || kept == .timestamps
        window = needsWindow && kept != .numbers ? segment.window : 0
        selective = segment.payloadLength == 0 && !isRewritten ? segment.digest.value : 0
    }

    /// What a path leaves as it is.
    enum Kept {
        /// All that is compared.
        case all
        /// All but the identification.
        case timestamps
        /// Sequence numbers, but for a shift, and lengths.
        case numbers
    }

    /// Whether its repetition would have another identity: a repeated segment has another identification, or was
    /// sent at another time.
    var isUnique: Bool { identification != 0 || hasTimestamps && payloadLength > 0 }
}

/// The place of a segment in the stream, which altered copies still have.
struct SegmentPosition: Hashable {
    let sequenceNumber: SequenceNumber
    let payloadLength: UInt32
    let control: TCPFlags
    /// Of segments that take up no sequence numbers: what they acknowledge.
    let acknowledgmentNumber: SequenceNumber

    init(_ segment: TapSegment, shift: UInt32 = 0, acknowledged: UInt32 = 0) {
        sequenceNumber = segment.sequenceNumber + shift
        payloadLength = segment.payloadLength
        control = segment.control
        let isPlain = !segment.isSequenced && segment.control.isEmpty
        acknowledgmentNumber =
            isPlain ? segment.acknowledgmentNumber + acknowledged : SequenceNumber(0)
    }
}
