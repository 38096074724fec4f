public import Wire

/// One end of a ``Conversation``; every method sends one segment.
///
/// The parameters that all of them share: `after` is the time since the step before, by default the
/// conversation's `step`; `way` is what becomes of the segment; `change` may set any field just before it is sent.
public struct Talker {
    /// What becomes of a segment.
    public enum Way: Sendable {
        /// The tap sees it and the other side receives it.
        case through
        /// The tap sees it; it is lost behind the tap.
        case lost
        /// The other side receives it; the tap does not see it.
        case unseen
    }

    /// A last change to the fields of a segment.
    public typealias Change = (inout Segment) -> Void
    /// A segment and when it was sent.
    public typealias Sent = (segment: Segment, time: Timestamp)

    let conversation: Conversation
    let index: Int

    /// SYN. Options are what `change` sets.
    @discardableResult
    public func syn(
        after delay: Duration? = nil, _ way: Way = .through, _ change: Change = { _ in }
    ) -> Sent {
        segment([.syn], after: delay, way, change)
    }

    /// SYN and ACK.
    @discardableResult
    public func synAck(
        after delay: Duration? = nil, _ way: Way = .through, _ change: Change = { _ in }
    ) -> Sent {
        segment([.syn, .ack], after: delay, way, change)
    }

    /// A pure ACK.
    @discardableResult
    public func ack(
        after delay: Duration? = nil, _ way: Way = .through, _ change: Change = { _ in }
    ) -> Sent {
        segment([.ack], after: delay, way, change)
    }

    /// Data.
    @discardableResult
    public func send(
        _ byteCount: UInt32, after delay: Duration? = nil, _ way: Way = .through,
        _ change: Change = { _ in }
    ) -> Sent {
        segment([.ack, .psh], byteCount, after: delay, way, change)
    }

    /// FIN and ACK, with data before the FIN if `byteCount` says so.
    @discardableResult
    public func fin(
        _ byteCount: UInt32 = 0, after delay: Duration? = nil, _ way: Way = .through,
        _ change: Change = { _ in }
    ) -> Sent {
        segment([.fin, .ack], byteCount, after: delay, way, change)
    }

    /// RST with the next sequence number, without ACK: as in answer to a segment that had one.
    @discardableResult
    public func rst(
        after delay: Duration? = nil, _ way: Way = .through, _ change: Change = { _ in }
    ) -> Sent {
        segment([.rst], after: delay, way, change)
    }

    /// RST and ACK: an abort, or the answer to a SYN to a closed port (then with sequence number 0).
    @discardableResult
    public func rstAck(
        after delay: Duration? = nil, _ way: Way = .through, _ change: Change = { _ in }
    ) -> Sent {
        segment([.rst, .ack], after: delay, way) {
            if conversation.sides[index].latest == nil { $0.sequenceNumber = SequenceNumber(0) }
            change(&$0)
        }
    }

    /// A keepalive: an old sequence number and no data. RFC 9293, section 3.8.4.
    @discardableResult
    public func keepAlive(
        after delay: Duration? = nil, _ way: Way = .through, _ change: Change = { _ in }
    ) -> Sent {
        segment([.ack], after: delay, way) {
            $0.sequenceNumber = $0.sequenceNumber - 1
            change(&$0)
        }
    }

    /// Once more the latest segment with SYN, data or FIN, acknowledging what has arrived by now.
    @discardableResult
    public func retransmit(
        after delay: Duration? = nil, _ way: Way = .through, _ change: Change = { _ in }
    ) -> Sent {
        guard let latest = conversation.sides[index].latest else {
            preconditionFailure("nothing to retransmit: send something first")
        }
        return segment(latest.flags, latest.payloadLength, after: delay, way) {
            $0.sequenceNumber = latest.sequenceNumber
            $0.options = latest.options
            change(&$0)
        }
    }

    /// Any segment.
    @discardableResult
    public func segment(
        _ flags: TCPFlags, _ byteCount: UInt32 = 0, after delay: Duration? = nil,
        _ way: Way = .through, _ change: Change = { _ in }
    ) -> Sent {
        conversation.wait(delay ?? conversation.step)
        var segment = Segment()
        let own = conversation.sides[index]
        let other = conversation.sides[1 - index]
        segment.source = own.address
        segment.destination = other.address
        segment.sourcePort = own.port
        segment.destinationPort = other.port
        segment.sequenceNumber = own.sendNext
        segment.flags = flags
        if flags.contains(.ack) {
            segment.acknowledgmentNumber = own.receiveNext ?? other.sendNext
        }
        segment.window = flags.contains(.rst) ? 0 : 64240
        segment.payloadLength = byteCount
        segment.timeToLive = 64
        change(&segment)
        let options = TCPOption.list(segment.options).reduce(0) { $0 + $1.bytes.count }
        segment.packetLength =
            (own.address.isIPv4 ? 40 : 60) + UInt32(options + 3) / 4 * 4 + segment.payloadLength
        if segment.length > 0 {
            conversation.sides[index].latest = segment
            if segment.endSequenceNumber > own.sendNext {
                conversation.sides[index].sendNext = segment.endSequenceNumber
            }
        }
        if way != .lost { conversation.sides[1 - index].receive(segment) }
        if way != .unseen { conversation.record(segment) }
        return (segment, conversation.now)
    }
}
