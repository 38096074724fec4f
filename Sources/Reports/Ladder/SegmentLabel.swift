internal import TCPState
internal import Wire

/// A segment as the label of its arrow: `SYN seq 0`, `ACK seq 1 len 100 ack 1`; where that has no room `ACK seq 1+100 ack 1`,
/// then `ACK seq 1+100`. Numbers count from each end's first one.
struct SegmentLabel {
    let flags: TCPFlags
    let payloadLength: UInt32
    /// SEG.SEQ.
    let sequence: Int64
    /// SEG.ACK; nil where the segment acknowledges nothing.
    let acknowledgment: Int64?

    /// The label in at most so many columns.
    func text(_ columns: Int) -> String {
        let flags = flags.subtracting([.psh, .ece, .cwr, .ae]).description
        let ack = acknowledgment.map { " ack \($0)" } ?? ""
        let long = payloadLength > 0 ? " len \(payloadLength)" : ""
        let text = "\(flags) seq \(sequence)\(long)\(ack)"
        if text.count <= columns { return text }
        let short = "\(flags) seq \(sequence)" + (payloadLength > 0 ? "+\(payloadLength)" : "")
        let isRoomy = short.count + ack.count <= columns
        return (isRoomy ? short + ack : short).elided(max(0, columns))
    }

    /// A number counted from its end's first one; below zero for one that lies before it.
    static func offset(_ number: SequenceNumber, from zero: SequenceNumber?) -> Int64 {
        let offset = number.rawValue &- (zero?.rawValue ?? 0)
        // Nothing lies further before the first number than a window may be wide: RFC 7323, section 2.3.
        return offset < 0xc000_0000 ? Int64(offset) : Int64(offset) - 1 << 32
    }
}
