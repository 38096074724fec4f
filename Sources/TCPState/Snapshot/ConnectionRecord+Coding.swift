public import Coding
import Wire

extension ConnectionRecord {
    /// Reads what ``encode(to:)`` wrote.
    public init(from coder: inout BinaryCoder) {
        let key = FlowKey(from: &coder)
        let connection = Connection(from: &coder)
        coder.timeOrigin = connection.firstSeen.nanoseconds
        coder.frameOrigin = connection.firstFrame
        var facts: RareFacts?
        coder.optional(&facts, RareFacts()) { $0.code(&$1) }
        self.init(key: key, connection: connection, rareFacts: facts.map { KeptRareFacts($0) })
    }

    /// Writes the connection with all that was noted of it. Its ``scope`` means nothing outside of the run.
    public func encode(to coder: inout BinaryCoder) {
        key.encode(to: &coder)
        connection.encode(to: &coder)
        coder.timeOrigin = connection.firstSeen.nanoseconds
        coder.frameOrigin = connection.firstFrame
        var facts = rareFacts
        coder.optional(&facts, RareFacts()) { $0.code(&$1) }
    }
}

extension FlowKey {
    /// Reads what ``encode(to:)`` wrote.
    public init(from coder: inout BinaryCoder) {
        var (low, high) = (Address(high: 0, low: 0), Address(high: 0, low: 0))
        var (lowPort, highPort): (UInt16, UInt16) = (0, 0)
        coder(&low)
        coder(&high)
        coder(&lowPort)
        coder(&highPort)
        self.init(low, lowPort, high, highPort)
    }

    /// Writes the key.
    public func encode(to coder: inout BinaryCoder) {
        var (low, high, lowPort, highPort) = (low, high, lowPort, highPort)
        coder(&low)
        coder(&high)
        coder(&lowPort)
        coder(&highPort)
    }
}

extension Transition: BinaryCodable {
    /// Reads what ``encode(to:)`` wrote.
    public init(from coder: inout BinaryCoder) {
        self.init(
            connection: 0, side: .low, from: .unknown, to: .unknown, event: .presumed,
            grade: .assumed, timer: .none, moment: .atTap, seen: Timestamp(nanoseconds: 0),
            notBefore: nil, notAfter: nil, frame: 0)
        code(&coder)
    }

    /// All of the transition. Times and frames are told from those of the one before it.
    public mutating func code(_ coder: inout BinaryCoder) {
        coder(&connection)
        coder(&side)
        coder(&from)
        coder(&to)
        coder(&event)
        coder(&grade)
        coder(&timer)
        coder(&moment)
        coder(&seen)
        coder.timeOrigin = seen.nanoseconds
        coder(&notBefore)
        coder(&notAfter)
        coder.frame(&frame)
        coder.frameOrigin = frame
    }
}
