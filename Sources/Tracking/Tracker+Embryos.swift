public import FlowTable
public import TCPState
internal import Wire

// A connection that is nothing but a SYN so far is kept as an ``Embryo`` where nobody is told of its
// transitions. It becomes a flow with the next segment on its key, as if it had been one all the time.
extension Tracker {
    /// Keeps a connection's first segment, if it is a SYN and no more; returns whether it did.
    @inlinable
    mutating func keepEmbryo(
        _ item: SegmentList.Item, _ key: FlowKey, _ sender: Side, stream: UInt32
    ) -> Bool {
        let embryo = Embryo(
            item.segment, key: key, sender: sender, scope: item.scope, serial: nextSerial,
            stream: stream, at: item.time, frame: item.frame)
        guard let embryo else { return false }
        account.connections &+= 1
        nextSerial &+= 1
        table.insert(embryo, hash: item.hash)
        return true
    }

    /// Makes a flow of an embryo.
    @inlinable @inline(never)
    mutating func hatch(_ embryo: FlowIndex, hash: UInt64) -> FlowIndex {
        let kept = table.embryos[embryo]
        let index = table.replace(embryo, with: flow(of: kept), hash: hash)
        feed(kept.segment, to: index, kept.sender, at: kept.time, frame: kept.frame)
        return index
    }

    /// The flow that is about to take an embryo's SYN.
    @inlinable
    func flow(of embryo: Embryo) -> Flow {
        let connection = Connection(
            serial: embryo.serial, stream: embryo.stream, first: embryo.segment,
            from: embryo.sender, at: embryo.time, frame: embryo.frame)
        return Flow(
            key: embryo.key, connection: connection, sender: embryo.sender, scope: embryo.scope)
    }

    /// A connection's number.
    public func serial(_ index: FlowIndex) -> UInt32 {
        index.isEmbryo ? table.embryos[index].serial : table.flows[index].connection.serial
    }

    /// A connection as it stands when the run ends or it is evicted, after ``settle()``.
    @inlinable
    public mutating func record(_ index: FlowIndex) -> ConnectionRecord {
        guard index.isEmbryo else { return table.flows[index].record(context) }
        let embryo = table.embryos[index]
        var flow = flow(of: embryo)
        _ = flow.take(
            embryo.segment, from: embryo.sender, at: embryo.time, frame: embryo.frame,
            context: &context)
        flow.connection.advance(to: end, context: &context)
        flow.connection.settlePending(&context)
        return flow.record(context)
    }
}
