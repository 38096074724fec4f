import TCPState
import Tracking
import Wire

/// Two observers of one run: the first looks at closed connections only, the second at transitions as well.
struct ObserverPair<First: ClosedConnectionObserver, Second: DivisibleObserver>: DivisibleObserver {
    var first: First
    var second: Second

    init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    func split() -> ObserverPair { ObserverPair(first.split(), second.split()) }

    mutating func merge(_ part: ObserverPair, _ numbers: RunNumbering.ShardNumbers) {
        first.merge(part.first, numbers)
        second.merge(part.second, numbers)
    }

    var takesAnyOrder: Bool { first.takesAnyOrder && second.takesAnyOrder }

    mutating func merge(_ part: ObserverPair) {
        first.merge(part.first)
        second.merge(part.second)
    }

    mutating func connectionOpened(_ record: ConnectionRecord) { second.connectionOpened(record) }

    mutating func connectionClosed(_ record: ConnectionRecord, _ reason: RemovalReason) {
        first.connectionClosed(record, reason)
        second.connectionClosed(record, reason)
    }

    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        first.preview(key, connection, of: count)
        second.preview(key, connection, of: count)
    }

    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        first.previewAttempt(key, by: opener, of: count)
        second.previewAttempt(key, by: opener, of: count)
    }

    mutating func observe(_ transition: Transition) -> UInt32 { second.observe(transition) }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        second.confirm(token, seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    mutating func withdraw(_ token: UInt32) { second.withdraw(token) }

    mutating func amend(_ token: UInt32, to state: State) { second.amend(token, to: state) }
}
