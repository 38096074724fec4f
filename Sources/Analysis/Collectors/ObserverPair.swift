import TCPState
import Tracking
import Wire

/// Two observers of one run: the first looks at closed connections only, the second at transitions as well.
struct ObserverPair<First: ClosedConnectionObserver, Second: DivisibleObserver>: DivisibleObserver,
    TransitionForwarder
{
    var first: First
    var second: Second

    init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    func split() -> ObserverPair { ObserverPair(first.split(), second.split()) }

    mutating func merge(_ other: ObserverPair, _ numbers: RunNumbering.ShardNumbers) {
        first.merge(other.first, numbers)
        second.merge(other.second, numbers)
    }

    var isOrderIndependent: Bool { first.isOrderIndependent && second.isOrderIndependent }

    static var unorderedMerge: ((inout ObserverPair, ObserverPair) -> Void)? {
        guard let first = First.unorderedMerge, let second = Second.unorderedMerge else {
            return nil
        }
        return { pair, other in
            first(&pair.first, other.first)
            second(&pair.second, other.second)
        }
    }

    mutating func connectionOpened(_ record: ConnectionRecord) { second.connectionOpened(record) }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        first.connectionClosed(record, reason)
        second.connectionClosed(record, reason)
    }

    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        first.preview(key, connection, of: count)
        second.preview(key, connection, of: count)
    }

    mutating func previewEstablished() {
        first.previewEstablished()
        second.previewEstablished()
    }

    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        first.previewAttempt(key, by: opener, of: count)
        second.previewAttempt(key, by: opener, of: count)
    }

    var transitions: Second {
        _read { yield second }
        _modify { yield &second }
    }
}
