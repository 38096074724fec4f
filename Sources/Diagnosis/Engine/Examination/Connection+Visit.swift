internal import TCPState
internal import Wire

extension Connection {
    /// Whether both SYNs are in the capture, and acknowledged.
    var isHandshakeComplete: Bool {
        @inline(__always) @_addressableSelf get {
            client.hasSentSYN && server.hasSentSYN
                && server.sendUnacknowledged > server.initialSendSequence
        }
    }

    /// Opened, and over at once without a byte, both by the client: what a health check does.
    var isEmptyVisit: Bool {
        @inline(__always) @_addressableSelf get {
            client.payload == 0 && server.payload == 0 && client.hasSentSYN && server.hasSentSYN
                && client.synCount == 1 && (firstCloser == opener || resetBy == opener)
                && (server.sendUnacknowledged > server.initialSendSequence || client.rstCount > 0)
                && (resetBy != nil || (client.hasSentFIN && server.hasSentFIN))
                && lastSeen - firstSeen < 1_000_000_000
        }
    }
}
