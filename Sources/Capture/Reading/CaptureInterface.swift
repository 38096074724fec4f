public import Wire

/// An interface that packets of a capture file were seen on, and what the file says of its losses.
public struct CaptureInterface: Hashable, Sendable {
    /// Its number in ``Frame/interface``.
    public let number: UInt32
    /// The beginning of its name on the capturing host, such as `eth0`; `nil` where the file gives none.
    public let name: String?
    /// Its link type.
    public let linkType: LinkType
    /// The most bytes that were captured of a packet.
    public let snapshotLength: UInt32
    /// Packets received from the interface; `nil` where the file has no statistics.
    public internal(set) var received: UInt64?
    /// Packets that the interface dropped for lack of room; `nil` where the file has no statistics.
    public internal(set) var dropped: UInt64?
    /// Packets that the operating system dropped; `nil` where the file has no statistics.
    public internal(set) var droppedBySystem: UInt64?

    /// Describes an interface without statistics.
    init(
        number: UInt32, name: String? = nil, linkType: LinkType, snapshotLength: UInt32
    ) {
        self.number = number
        self.name = name
        self.linkType = linkType
        self.snapshotLength = snapshotLength
    }

    /// Adds statistics, which each section of a file counts from 0.
    mutating func add(_ counters: InterfaceCounters) {
        received = sum(received, counters.received)
        dropped = sum(dropped, counters.dropped)
        droppedBySystem = sum(droppedBySystem, counters.droppedBySystem)
    }

    /// Adds another file's description of the same interface. What the first one says, stands.
    mutating func merge(_ other: CaptureInterface) {
        var merged = snapshotLength == 0 ? other : self
        if snapshotLength != 0 {
            merged.add(
                InterfaceCounters(
                    received: other.received, dropped: other.dropped,
                    droppedBySystem: other.droppedBySystem))
        }
        self = merged
    }

    private func sum(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
        guard let a, let b else { return a ?? b }
        return a &+ b
    }
}

/// The last statistics block of an interface in a section: counters since the capture began.
struct InterfaceCounters {
    /// `isb_ifrecv`.
    var received: UInt64?
    /// `isb_ifdrop`.
    var dropped: UInt64?
    /// `isb_osdrop`.
    var droppedBySystem: UInt64?
}
