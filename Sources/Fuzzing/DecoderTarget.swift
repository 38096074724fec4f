internal import Wire

/// The link types that the decoder knows, and one that it does not.
private let linkTypes: [LinkType] =
    [0, 1, 7, 9, 10, 12, 50, 51, 101, 104, 105, 107, 108, 113, 117, 127, 129, 204, 219, 228, 229]
    .map { LinkType(rawValue: $0) } + [239, 242, 258, 276, 9_999].map { LinkType(rawValue: $0) }

/// The first byte chooses the link type, the second how long the frame was on the wire.
func fuzzDecoder(_ bytes: Span<UInt8>) {
    guard bytes.count >= 2 else { return }
    let linkType = linkTypes[Int(bytes[0]) % linkTypes.count]
    let frame = bytes.extracting(2..<bytes.count)
    let wireLength =
        switch bytes[1] & 3 {
        case 0: frame.count
        case 1: frame.count + Int(bytes[1])
        case 2: Int(bytes[1]) << 9
        default: bytes[1] & 4 == 0 ? -1 : Int.max
        }
    var first = Segment()
    var second = Segment()
    let decoder = Decoder()
    let outcome = decoder.decode(frame, linkType: linkType, wireLength: wireLength, into: &first)
    let again = decoder.decode(frame, linkType: linkType, wireLength: wireLength, into: &second)
    require(outcome == again, "the same frame, another outcome")
    let sums = decoder.checksums(frame, linkType: linkType, wireLength: wireLength)
    guard case .segment = outcome else { return }
    require(first == second, "the same frame, another segment")
    require(sums != nil, "a segment without checksums")
    require(first.payloadLength <= first.packetLength, "more payload than packet")
}
