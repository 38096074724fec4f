extension Decoder {
    /// The verdicts on the two checksums of a frame.
    public struct Checksums: Equatable, Sendable {
        /// IPv4's header sum; `nil` for IPv6, which has none.
        public var network: ChecksumVerdict?
        /// TCP's sum over header, payload and pseudo-header.
        public var transport: ChecksumVerdict

        /// Puts two verdicts together.
        public init(network: ChecksumVerdict?, transport: ChecksumVerdict) {
            self.network = network
            self.transport = transport
        }
    }

    /// Judges the checksums of the innermost IP and TCP headers; `nil` for a frame without TCP.
    ///
    /// Linear in the captured length; never part of ``decode(_:linkType:wireLength:into:)``. Source routes,
    /// which put another address into the pseudo-header, are not followed: their sums look wrong.
    public func checksums(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int
    ) -> Checksums? {
        var parser = FrameParser(bytes, wireLength: wireLength)
        guard case .tcp? = try? parser.run(linkType), parser.wire >= 20 else { return nil }
        return Checksums(network: parser.networkChecksum, transport: parser.transportChecksum)
    }
}

extension FrameParser {
    var networkChecksum: ChecksumVerdict? {
        guard let header = try? IPv4Header(packet) else { return nil }
        var sum = InternetChecksum()
        sum.add(packet.upTo(header.length))
        return sum.field == 0 ? .correct : .wrong
    }

    var transportChecksum: ChecksumVerdict {
        guard rest.count == wire, !isFragment else { return .notCaptured }
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: source, destination: destination, length: wire)
        sum.add(rest)
        return sum.field == 0 ? .correct : .wrong
    }
}
