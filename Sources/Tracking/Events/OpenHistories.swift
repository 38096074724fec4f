internal import Memory
public import TCPState
public import Wire

/// Keeps the transitions of open connections; a connection that departs takes its history along.
///
/// Memory: about 110 bytes a transition of the connections that are open, and what ``takeClosed()`` has not taken yet.
public struct OpenHistories: TrackingObserver, Sendable {
    /// True: memory is bounded by the connections that are open.
    public static var forgetsOver: Bool { true }

    private struct Item {
        var transition: Transition
        var isWithdrawn = false
        /// The connection's next one, or the next free place; ``OpenHistories/none`` without any.
        var next: UInt32
    }

    /// The places of a connection's transitions, in the order in which they were found.
    private struct Chain {
        var first = OpenHistories.none
        var last = OpenHistories.none
        var count = 0
        var isAmended = false

        /// Adds a place; returns the one before it.
        mutating func append(_ place: UInt32) -> UInt32 {
            let before = last
            last = place
            if count == 0 { first = place }
            count += 1
            return before
        }
    }

    private static let none = UInt32.max

    /// When the capture ended; nil before that.
    public var end: Timestamp?
    private var items: [Item] = []
    private var firstFree = OpenHistories.none
    private var chains = SerialTable<Chain>()
    private var closed: [ConnectionHistory] = []

    /// How many transitions there is room for: as many as were open at once.
    var places: Int { items.count }

    /// Keeps nothing yet.
    public init() {}

    /// Keeps a transition.
    public mutating func observe(_ transition: Transition) -> UInt32 {
        let item = Item(transition: transition, next: OpenHistories.none)
        var place = firstFree
        if place == OpenHistories.none {
            place = UInt32(truncatingIfNeeded: items.count)
            items.append(item)
        } else {
            firstFree = items[Int(place)].next
            items[Int(place)] = item
        }
        let last = append(place, to: transition.connection)
        if last != OpenHistories.none { items[Int(last)].next = place }
        return place
    }

    /// Adds a place to a connection's; returns the one before it.
    private mutating func append(_ place: UInt32, to serial: UInt32) -> UInt32 {
        if let last = chains.change(serial, { $0.append(place) }) { return last }
        var chain = Chain()
        defer { chains[serial] = chain }
        return chain.append(place)
    }

    /// Marks a transition as proved.
    public mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        items[Int(token)].transition.confirm(seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    /// Leaves a transition out.
    public mutating func withdraw(_ token: UInt32) { items[Int(token)].isWithdrawn = true }

    /// Corrects where a transition led.
    public mutating func amend(_ token: UInt32, to state: State) {
        items[Int(token)].transition.to = state
        _ = chains.change(items[Int(token)].transition.connection) { $0.isAmended = true }
    }

    /// Takes the connection's history out.
    public mutating func connectionClosed(_ record: ConnectionRecord, _ reason: RemovalReason) {
        let chain = chains.remove(record.connection.serial) ?? Chain()
        var transitions: [Transition] = []
        transitions.reserveCapacity(chain.count)
        var place = chain.first
        while place != OpenHistories.none {
            let index = Int(place)
            if !items[index].isWithdrawn { transitions.append(items[index].transition) }
            place = items[index].next
            items[index].next = firstFree
            firstFree = UInt32(truncatingIfNeeded: index)
        }
        let lastSeen = record.connection.lastSeen
        closed.append(
            ConnectionHistory(
                record, transitions, isAmended: chain.isAmended,
                end: reason == .captureEnd ? end ?? lastSeen : lastSeen))
    }

    /// The histories of the connections that have departed since the last call.
    public mutating func takeClosed() -> [ConnectionHistory] {
        defer { closed = [] }
        return closed
    }
}

/// The history of one connection, which has departed.
///
/// A reference, since it is passed from thread to thread: ``renumber(_:)`` is called before that, or never.
public final class ConnectionHistory: @unchecked Sendable {
    /// The connection as it stood when it departed.
    public private(set) var record: ConnectionRecord
    /// When it was last seen; when the capture ended, where it was open until then.
    public let end: Timestamp
    private let transitions: [Transition]
    private let isAmended: Bool

    init(_ record: ConnectionRecord, _ transitions: [Transition], isAmended: Bool, end: Timestamp) {
        self.record = record
        self.transitions = transitions
        self.isAmended = isAmended
        self.end = end
    }

    /// Gives the connection its numbers in the whole run.
    public func renumber(_ numbers: RunNumbering.ShardNumbers) { record.renumber(numbers) }

    /// The history in order of time; each endpoint's transitions keep their order. Of an earlier connection on the same
    /// addresses nothing is known.
    ///
    /// - Parameter isNear: as in ``TransitionHistory/timeline(isNear:)``.
    public func entries(
        isNear: (ConnectionRecord, Side) -> Bool
    ) -> [TransitionHistory.Entry] {
        [TransitionHistory.Entry](
            transitions, of: record, isAmended: isAmended, isNear: isNear)
    }
}
