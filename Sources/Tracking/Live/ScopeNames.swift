internal import Wire

/// What the scopes of a run's connections stand for: the interface, and the VLAN of frames with one tag.
///
/// A scope mixes what keeps equal addresses and ports apart into 32 bits; the few mixes that are plain are
/// made again here, once.
public struct ScopeNames: Sendable {
    /// Where a connection was seen.
    public struct Location: Hashable, Sendable {
        /// The interface's number.
        public let interface: UInt32
        /// The identifier of the one VLAN tag; nil where there is none.
        public let vlan: UInt16?

        /// Joins the two.
        public init(interface: UInt32, vlan: UInt16?) {
            self.interface = interface
            self.vlan = vlan
        }

        /// The scope of what is seen there, in this run.
        public var scope: UInt32 {
            interfaceScope(interface) ^ (vlan.map { Segment.scope(ofVLAN: $0) } ?? 0)
        }
    }

    private let interfaces: UInt32
    private let vlans: [UInt32: UInt16]

    /// - Parameter interfaces: how many there are, numbered from 0.
    public init(interfaces: Int) {
        self.interfaces = UInt32(clamping: interfaces)
        vlans = Dictionary(
            (1...4094 as ClosedRange<UInt16>).map { (Segment.scope(ofVLAN: $0), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Where a scope was seen; nil for nested tags and tunnels.
    public func location(of scope: UInt32) -> Location? {
        for interface in 0..<interfaces {
            let rest = scope ^ interfaceScope(interface)
            if rest == 0 { return Location(interface: interface, vlan: nil) }
            if let vlan = vlans[rest] { return Location(interface: interface, vlan: vlan) }
        }
        return nil
    }
}

/// What tells the interfaces of one capture apart in a scope; 0 for the first.
@inlinable @inline(__always)
func interfaceScope(_ interface: UInt32) -> UInt32 { interface &* 0x9e37_79b9 }
