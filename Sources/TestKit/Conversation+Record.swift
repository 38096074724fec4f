public import TCPState
public import Wire

extension Conversation {
    /// A client and the server 10.1.1.2:8080 on 2026-11-21 from 00:00 UTC, a segment each 10 ms.
    public convenience init(
        incident: Void, client: (Address, UInt16) = (Address(ipv4: 0x0a01_0165), 40_000)
    ) {
        self.init(
            clientAddress: client.0, clientPort: client.1,
            serverAddress: Address(ipv4: 0x0a01_0102), serverPort: 8080,
            clientISS: 0xffff_fff0, serverISS: 0xffff_fff8,
            start: Timestamp(nanoseconds: 1_795_219_200_000_000_000), step: .milliseconds(10))
    }

    /// The connection that sees all segments so far; nil if there are none.
    public var record: ConnectionRecord? { Conversation.record(of: segments) }

    /// The connection that sees segments of one; nil if there are none.
    public static func record(
        of segments: [(segment: Segment, time: Timestamp)]
    ) -> ConnectionRecord? {
        guard let first = segments.first else { return nil }
        var context = MachineContext(observer: NoTransitions())
        var connection = Connection(
            serial: 0, stream: 0, first: first.segment, from: FlowKey.sender(of: first.segment),
            at: first.time, frame: 1)
        for (index, (segment, time)) in segments.enumerated() {
            connection.receive(
                segment, from: FlowKey.sender(of: segment), at: time, frame: UInt64(index + 1),
                context: &context)
        }
        return ConnectionRecord(
            key: FlowKey(first.segment), connection: connection,
            rareFacts: connection.rareFacts(context))
    }
}
