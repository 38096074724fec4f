import TCPState
import TestKit
import Tracking
import Wire

/// The first segment of a connection between two addresses.
func opening(
    _ source: Address, _ sourcePort: UInt16, _ destination: Address, _ destinationPort: UInt16
) -> Segment {
    var builder = Segment()
    builder.source = source
    builder.sourcePort = sourcePort
    builder.destination = destination
    builder.destinationPort = destinationPort
    builder.flags = .syn
    return builder
}

/// That many different connections, a third of them IPv6, the same ones for the same seed.
func startingSegments(_ count: Int, seed: UInt64) -> [Segment] {
    var random = SplitMix64(seed: seed)
    var seen: Set<FlowKey> = []
    var result: [Segment] = []
    while result.count < count {
        // Few hosts and few ports: keys differ in little, as real ones do.
        let hosts = (0...1).map { _ in UInt64.random(in: 1...400, using: &random) }
        let isIPv6 = Int.random(in: 0..<3, using: &random) == 0
        let addresses = hosts.map {
            isIPv6
                ? Address(high: 0x2001_0db8_0000_0000, low: $0)
                : Address(ipv4: 0x0a00_0000 | UInt32($0))
        }
        let segment = opening(
            addresses[0], .random(in: 32768...33768, using: &random), addresses[1], 443)
        if seen.insert(FlowKey(segment)).inserted { result.append(segment) }
    }
    return result
}

/// A new connection that begins with a segment.
func flow(_ segment: Segment, serial: Int = 0, scope: UInt32 = 0) -> Flow {
    let sender = FlowKey.sender(of: segment)
    let connection = Connection(
        serial: UInt32(serial), stream: UInt32(serial), first: segment, from: sender,
        at: Timestamp(nanoseconds: 0), frame: UInt64(serial) + 1)
    return Flow(key: FlowKey(segment), connection: connection, sender: sender, scope: scope)
}

extension FlowTable {
    /// Adds the connection that a segment begins.
    mutating func add(_ segment: Segment, serial: Int = 0, scope: UInt32 = 0) -> FlowIndex {
        insert(
            flow(segment, serial: serial, scope: scope), hash: hash(FlowKey(segment)))
    }

    /// The connection of a segment.
    func find(_ segment: Segment, scope: UInt32 = 0) -> FlowIndex? {
        let key = FlowKey(segment)
        let hash = hash(key)
        return findAny(key, hash: hash).flatMap {
            find(
                from: $0, key, hash: hash, scope: scope, sender: FlowKey.sender(of: segment))
        }
    }
}

extension Segment {
    /// A segment of the same connection, the other way.
    var answer: Segment { opening(destination, destinationPort, source, sourcePort) }
}
