import Wire

/// Decodes one frame into a segment that starts out full of leftovers.
func decode(
    _ bytes: [UInt8], _ linkType: LinkType = .ethernet, wireLength: Int? = nil
) -> (outcome: Decoder.Outcome, segment: Segment) {
    var segment = leftovers
    let outcome = Decoder().decode(
        bytes.span, linkType: linkType, wireLength: wireLength ?? bytes.count, into: &segment)
    return (outcome, segment)
}

/// A segment in which every field and every option is set, as an earlier frame might leave it.
let leftovers: Segment = {
    var segment = Segment()
    segment.source = Address(high: .max, low: .max)
    segment.destination = Address(high: .max, low: .max)
    segment.sourcePort = .max
    segment.destinationPort = .max
    segment.scope = .max
    segment.sequenceNumber = SequenceNumber(.max)
    segment.acknowledgmentNumber = SequenceNumber(.max)
    segment.flags = TCPFlags(rawValue: 0x1ff)
    segment.window = .max
    segment.payloadLength = .max
    segment.packetLength = .max
    segment.options.present = TCPOptions.Present(rawValue: 0xff)
    segment.timeToLive = .max
    segment.identification = .max
    segment.isFragment = true
    segment.hardwareSource = .max
    return segment
}()
