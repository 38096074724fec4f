public import Coding
import Wire

// A connection of a running machine as bytes: to go on with, not only to look at.
extension MachineContext {
    /// Writes a connection with what is inferred and noted of it, or reads one in the place of a blank one.
    public mutating func code(_ connection: inout Connection, _ coder: inout BinaryCoder) {
        coder(&connection)
        let origins = (coder.timeOrigin, coder.frameOrigin)
        defer { (coder.timeOrigin, coder.frameOrigin) = origins }
        coder.timeOrigin = connection.firstSeen.nanoseconds
        coder.frameOrigin = connection.firstFrame
        for end in 0...1 { codePending(&connection, end, &coder) }
        var facts = connection.rareFacts(self)?.rareFacts
        coder.optional(&facts, RareFacts()) { $0.code(&$1) }
        guard coder.isReading, let facts else { return }
        connection.rareFactsSlot = rareFacts.allocate()
        rareFacts[connection.rareFactsSlot] = facts
    }

    private mutating func codePending(
        _ connection: inout Connection, _ end: Int, _ coder: inout BinaryCoder
    ) {
        let count = Int(connection.pendingCount[end])
        if coder.isReading { connection.pendingCount[end] = 0 }
        guard count <= PendingPool.capacity else { return coder.fail() }
        for index in 0..<count {
            var pending =
                coder.isReading
                ? Pending.blank : pool[connection.ends[end].pendingFirst, index]
            pending.code(&coder)
            guard coder.isReading else { continue }
            pool.append(pending, to: &connection.ends[end].pendingFirst, count: index)
            connection.pendingCount[end] += 1
        }
    }
}

extension Pending {
    static var blank: Pending {
        let zero = Timestamp(nanoseconds: 0)
        return Pending(
            event: .presumed, from: .unknown, token: 0, latest: zero, notBefore: zero, frame: 0,
            peerPackets: 0, priorSince: zero, priorFrame: 0, priorGrade: .assumed)
    }

    /// All but where the next one is kept.
    mutating func code(_ coder: inout BinaryCoder) {
        coder(&event)
        coder(&from)
        coder(&token)
        coder(&seen)
        coder(&latest)
        coder(&timestamp)
        coder(&peerPackets)
        coder(&notBefore)
        coder.frame(&frame)
        coder(&priorSince)
        coder.frame(&priorFrame)
        coder(&priorGrade)
        coder(&hasPayload)
    }
}
