internal import TCPState
internal import Wire

/// What speaks for two connections of two taps being the same, in bits: how unlikely it is among strangers.
struct MatchEvidence {
    /// All of it.
    private(set) var bits = 0
    /// That part which differs from one connection to the next of the same hosts: numbers, time stamps, identifications.
    private(set) var varyingBits = 0
    /// What has to be added to each end's sequence numbers, by its place at the first tap.
    private(set) var shifts: [UInt32] = [0, 0]

    /// Enough for no false match among 2^32 pairs.
    private static let enough = 64
    /// Enough not to take another connection of the same hosts for this one.
    private static let enoughVarying = 28
    /// Segments of each end that are looked at.
    private static let depth = 24

    /// Whether that is enough.
    var isEnough: Bool {
        bits >= MatchEvidence.enough && varyingBits >= MatchEvidence.enoughVarying
    }

    /// Weighs two connections.
    ///
    /// - Parameter isSwapped: whether the ends' places are exchanged.
    init(_ near: Tap, _ nearIndex: Int, _ far: Tap, _ farIndex: Int, isSwapped: Bool) {
        let (a, b) = (near.connections[nearIndex], far.connections[farIndex])
        for side in Side.allCases {
            let other = isSwapped ? side.peer : side
            if a.key.address(side) == b.key.address(other), a.key.port(side) == b.key.port(other) {
                bits += 24
            }
            if let mine = a.start(of: side), let yours = b.start(of: other) {
                shifts[side.rawValue] = yours.rawValue &- mine.rawValue
                if mine == yours { addVarying(32) }
            }
            guard let mine = a[side], let yours = b[other] else { continue }
            let clocks = [mine, yours].map { syn in
                syn.options.present.contains(.timestamps) ? syn.options.timestampValue : 0
            }
            if clocks[0] != 0, clocks[0] == clocks[1] { addVarying(28) }
        }
        let areStartsKnown = Side.allCases.allSatisfy {
            a.start(of: $0) != nil && b.start(of: isSwapped ? $0.peer : $0) != nil
        }
        if isEnough, areStartsKnown { return }
        let samples = Side.allCases.map { side in
            let other = isSwapped ? side.peer : side
            return (
                near.segments[near.sent(by: side, of: nearIndex)].prefix(MatchEvidence.depth),
                far.segments[far.sent(by: other, of: farIndex)].prefix(MatchEvidence.depth)
            )
        }
        for side in Side.allCases {
            let other = isSwapped ? side.peer : side
            if a.start(of: side) != nil, b.start(of: other) != nil { continue }
            let (mine, yours) = samples[side.rawValue]
            shifts[side.rawValue] = MatchEvidence.shift(mine, yours)
        }
        for side in Side.allCases {
            weigh(samples[side.rawValue].0, samples[side.rawValue].1, side)
        }
    }

    /// What a box adds to numbers whose beginning nobody saw: 0, unless data that is the same beyond doubt tells otherwise.
    private static func shift(
        _ mine: ArraySlice<TapSegment>, _ yours: ArraySlice<TapSegment>
    ) -> UInt32 {
        let numbers = Set(mine.lazy.filter { $0.payloadLength > 0 }.map(\.sequenceNumber))
        if yours.contains(where: { numbers.contains($0.sequenceNumber) }) { return 0 }
        for a in mine where a.payloadLength > 0 {
            for b in yours where b.payloadLength == a.payloadLength && b.control == a.control {
                let isSameTime =
                    a.hasTimestamps && b.hasTimestamps
                    && a.timestampValue == b.timestampValue
                let isSamePacket = a.identification != 0 && a.identification == b.identification
                if isSameTime || isSamePacket, a.digest.agreement(b.digest) > 0 {
                    return b.sequenceNumber.rawValue &- a.sequenceNumber.rawValue
                }
            }
        }
        return 0
    }

    private mutating func addVarying(_ count: Int) {
        bits += count
        varyingBits += count
    }

    /// Compares segments at the same place of the stream. Acknowledgment numbers count only where nothing is rewritten.
    private mutating func weigh(
        _ mine: ArraySlice<TapSegment>, _ yours: ArraySlice<TapSegment>, _ side: Side
    ) {
        let (own, other) = (shifts[side.rawValue], shifts[side.peer.rawValue])
        for a in mine where a.isSequenced {
            let twin = yours.first {
                $0.sequenceNumber == a.sequenceNumber + own && $0.payloadLength == a.payloadLength
                    && $0.control == a.control
            }
            guard let b = twin, !a.digest.contradicts(b.digest) else { continue }
            bits += min(8, a.payloadLength.bitWidth - a.payloadLength.leadingZeroBitCount)
            bits += a.digest.agreement(b.digest)
            let isAcknowledging = a.flags.contains(.ack) && b.flags.contains(.ack)
            if own == 0, other == 0, isAcknowledging, !a.flags.contains(.syn),
                a.acknowledgmentNumber == b.acknowledgmentNumber
            {
                addVarying(32)
            }
            if a.hasTimestamps, b.hasTimestamps, a.timestampValue == b.timestampValue,
                a.timestampValue != 0
            {
                addVarying(20)
            }
            if a.identification != 0, a.identification == b.identification { addVarying(14) }
        }
    }
}
