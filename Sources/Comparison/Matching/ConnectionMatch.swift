public import TCPState
internal import Wire

/// A connection of one tap and a connection of the next one that are the same, or two legs of a proxy.
public struct ConnectionMatch: Sendable {
    /// The index at the first tap.
    public let near: Int
    /// The index at the second tap.
    public let far: Int
    /// How they were found to be the same.
    public let kind: Kind
    /// Whether the ends' places in their keys are exchanged, as translated addresses may do.
    public let isSwapped: Bool
    /// What has to be added to the sequence numbers of each end, by its place at the first tap, to have those at the second.
    private let shifts: [UInt32]

    /// How two connections were found to be the same.
    public enum Kind: String, Sendable, CaseIterable {
        /// Equal addresses and ports, and equal sequence numbers or what stands for them.
        case same
        /// Other addresses or ports: sequence numbers, time stamps and payloads agree.
        case translated
        /// Two connections of a proxy that carry the same bytes. Never more than inferred.
        case relayed
    }

    init(near: Int, far: Int, kind: Kind, isSwapped: Bool, shifts: [UInt32]) {
        self.near = near
        self.far = far
        self.kind = kind
        self.isSwapped = isSwapped
        self.shifts = shifts
    }

    /// The place at the second tap of an end at the first one.
    public func farSide(of side: Side) -> Side { isSwapped ? side.peer : side }

    /// The shift of an end's sequence numbers, by its place at the first tap.
    public func shift(of side: Side) -> UInt32 { shifts[side.rawValue] }

    /// Whether a box rewrites sequence numbers.
    public var rewritesSequenceNumbers: Bool { shifts.contains { $0 != 0 } }
}
