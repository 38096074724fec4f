internal import Wire

/// One end of a connection as Zeek sees it: a coarse state, and the letters that it has shown.
///
/// Zeek, `src/packet_analysis/protocol/tcp/TCPSessionAdapter.cc` and `src/analyzer/protocol/tcp/TCP_Endpoint.h`.
struct ZeekEndpoint {
    /// Zeek's states of an end.
    enum State {
        case inactive, synSent, synAckSent, partial, established, closed, reset

        /// Whether nothing proves that the end takes part.
        var isInactive: Bool { self == .inactive || self == .partial }
    }

    /// Letters that an end shows once.
    struct Letters: OptionSet {
        let rawValue: UInt8

        static let acknowledgment = Letters(rawValue: 1)
        static let data = Letters(rawValue: 2)
        static let inconsistent = Letters(rawValue: 4)
        static let severalFlags = Letters(rawValue: 8)
    }

    /// Letters that are shown at the 1st, 10th, 100th … time.
    enum Counted: Int, CaseIterable {
        case checksum, retransmission, zeroWindow, gap

        var letter: Character {
            switch self {
            case .checksum: "c"
            case .retransmission: "t"
            case .zeroWindow: "w"
            case .gap: "g"
            }
        }
    }

    /// Letters that are shown again at another sequence number.
    enum Numbered: Int, CaseIterable {
        case syn, synAck, fin, rst

        var letter: Character {
            switch self {
            case .syn: "s"
            case .synAck: "h"
            case .fin: "f"
            case .rst: "r"
            }
        }
    }

    var state = State.inactive
    var packets: UInt64 = 0
    var internetBytes: UInt64 = 0
    /// The first sequence number; nil until a segment of either end tells it.
    private(set) var first: SequenceNumber?
    /// Whether only an acknowledgment of the peer has told the first number.
    private var isFirstAssumed = false
    private var hasSYN = false
    private var finCount = 0
    /// Bytes from the first number to the highest one sent, and to the highest one acknowledged.
    private var sent: Int64 = 0
    private var acknowledged: Int64 = .min
    private var stream = ContiguousRange()
    private var letters: Letters = []
    private var counts = [4 of UInt64](repeating: 0)
    private var numbers = [4 of SequenceNumber?](repeating: nil)

    /// Payload bytes, by sequence numbers: 0 for an end without a packet.
    var size: UInt64 {
        guard state != .inactive else { return 0 }
        let end = max(sent, acknowledged) &- (hasSYN ? 1 : 0) &- (finCount > 0 ? 1 : 0)
        return UInt64(max(0, end))
    }

    /// Bytes that the peer acknowledged and no packet carried.
    var missedBytes: UInt64 { stream.missed }

    var hasSentFIN: Bool { finCount > 0 }

    /// The number's distance from the first one, nearest to the highest one sent.
    private func offset(_ number: SequenceNumber, from first: SequenceNumber) -> Int64 {
        sent &+ Int64(number.distance(from: first + UInt32(truncatingIfNeeded: sent)))
    }

    /// Takes the numbers of a segment of this end. Returns whether it carries payload that is not new.
    ///
    /// - Parameter isCut: whether its payload was not captured whole: Zeek delivers none of it.
    mutating func send(_ segment: Segment, isCut: Bool) -> Bool {
        let isSYN = segment.flags.contains(.syn)
        if first == nil || isFirstAssumed && isSYN {
            if let first {
                sent = max(0, sent &+ Int64(first.distance(from: segment.sequenceNumber)))
            }
            first = segment.sequenceNumber
            hasSYN = isSYN
        }
        isFirstAssumed = false
        guard let first, !segment.flags.contains(.rst) else { return false }
        let end = offset(segment.endSequenceNumber, from: first)
        let isOld = end <= sent && segment.payloadLength > 0
        let isMissing = isCut && segment.payloadLength > 0
        if !isMissing { stream.add(end &- Int64(segment.length)..<end) }
        sent = max(sent, end)
        return isOld
    }

    /// Takes an acknowledgment of the peer. Returns whether it covers bytes that no packet carried.
    mutating func acknowledge(_ number: SequenceNumber) -> Bool {
        guard let first else {
            first = number
            isFirstAssumed = true
            acknowledged = 0
            return false
        }
        let offset = offset(number, from: first)
        acknowledged = max(acknowledged, offset)
        return stream.acknowledge(offset) && state != .inactive
    }

    mutating func countFIN() { finCount += 1 }

    /// Whether a letter is shown now that is shown once.
    mutating func shows(_ letter: Letters) -> Bool { letters.insert(letter).inserted }

    /// Whether a letter is shown now that is shown at powers of ten.
    mutating func shows(_ letter: Counted) -> Bool {
        counts[letter.rawValue] &+= 1
        var power: UInt64 = 1
        while power < counts[letter.rawValue], !power.multipliedReportingOverflow(by: 10).overflow {
            power *= 10
        }
        return power == counts[letter.rawValue]
    }

    /// Whether a letter is shown now that is shown at each new number.
    mutating func shows(_ letter: Numbered, at number: SequenceNumber) -> Bool {
        defer { numbers[letter.rawValue] = number }
        return numbers[letter.rawValue] != number
    }
}
