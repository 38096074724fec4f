/// Why bytes are no header of the wanted kind.
public enum HeaderError: Error, Equatable, Sendable {
    /// The bytes end before the header does; both counts are in bytes.
    case short(HeaderKind, need: Int, have: Int)
    /// The header contradicts itself, or names a version that does not exist.
    case malformed(HeaderKind)
}

extension SetAside {
    /// The name under which a frame with such a header is counted.
    init(_ error: HeaderError) {
        switch error {
        case .short(let kind, need: _, have: _):
            self =
                switch kind.layer {
                case .link: .linkHeaderCut
                case .network: .ipHeaderCut
                case .transport: .tcpHeaderCut
                }
        case .malformed(let kind):
            self =
                switch kind.layer {
                case .link: .badLinkHeader
                case .network: .badIPHeader
                case .transport: .badTCPHeader
                }
        }
    }
}
