public import TCPState
public import Wire

// A connection that is nothing but a SYN so far is kept as an ``SYNCacheEntry`` where nobody is told of its
// transitions. It becomes a flow with the next segment on its key, as if it had been one all the time.
extension Tracker {
    /// Keeps a connection's first segment, if it is a SYN and no more; returns whether it did.
    @inlinable
    mutating func cacheSYN(
        _ queued: SegmentQueue.QueuedSegmentRef, _ key: FlowKey, _ sender: Side, stream: UInt32,
        isAlone: Bool
    ) -> Bool {
        let cachedSYN = SYNCacheEntry(
            queued.segment, key: key, sender: sender, scope: queued.scope, serial: nextSerial,
            stream: stream, at: queued.time, frame: queued.frame)
        guard let cachedSYN else { return false }
        counts.connections &+= 1
        nextSerial &+= 1
        table.insert(cachedSYN, hash: queued.hash, isAlone: isAlone)
        return true
    }

    /// The flow of a connection: itself, or made of a cached SYN or of a compact flow.
    @inlinable
    mutating func whole(_ index: FlowIndex, hash: UInt64) -> FlowIndex {
        if index.isCompact { return expand(index, hash: hash) }
        return index.isCachedSYN ? promote(index, hash: hash) : index
    }

    /// Makes a flow of a cached SYN. The segment that comes next files its timer, or else the caller does.
    @inlinable @inline(never)
    mutating func promote(_ cachedSYN: FlowIndex, hash: UInt64) -> FlowIndex {
        let kept = table.synCache[cachedSYN]
        let segment = kept.segment
        let index = table.replace(cachedSYN, with: flow(of: kept, segment), hash: hash)
        _ = table.flows[index].receive(
            segment, from: kept.sender, at: kept.time, frame: kept.frame, context: &context)
        return index
    }

    /// The flow that is about to take a cached SYN, which is such a segment.
    @inlinable @inline(__always)
    func flow(of cachedSYN: SYNCacheEntry, _ segment: Segment) -> Flow {
        let connection = Connection(
            serial: cachedSYN.serial, stream: cachedSYN.stream, first: segment,
            from: cachedSYN.sender, at: cachedSYN.time, frame: cachedSYN.frame)
        return Flow(
            key: cachedSYN.key, connection: connection, sender: cachedSYN.sender,
            scope: cachedSYN.scope)
    }

    /// A connection's number.
    public func serial(_ index: FlowIndex) -> UInt32 {
        table.serial(of: index)
    }

    /// A connection as it stands when the run ends or it is evicted, after ``runTimersToEnd()``.
    @inlinable
    public mutating func record(_ index: FlowIndex) -> ConnectionRecord {
        var record = ConnectionRecord.blank
        write(index, to: &record)
        return record
    }

    /// The same, written in the place of another record.
    @inlinable
    public mutating func write(_ index: FlowIndex, to record: inout ConnectionRecord) {
        if index.isCompact { return table.write(compact: index, to: &record) }
        guard index.isCachedSYN else { return table.flows[index].write(to: &record, context) }
        let cachedSYN = table.synCache[index]
        let segment = cachedSYN.segment
        var flow = flow(of: cachedSYN, segment)
        _ = flow.receive(
            segment, from: cachedSYN.sender, at: cachedSYN.time, frame: cachedSYN.frame,
            context: &context)
        flow.connection.advance(to: end, context: &context)
        flow.connection.freezePending(&context)
        flow.write(to: &record, context)
    }
}
