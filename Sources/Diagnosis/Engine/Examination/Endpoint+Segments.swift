internal import TCPState

extension Endpoint {
    /// Segments that it sent without SYN and RST: what is left once a tap's copies of SYNs are taken off as well.
    var packetsBesidesControl: UInt64 {
        @_addressableSelf @inline(__always) get {
            packets - min(packets, UInt64(synCount) + UInt64(synCopies) + UInt64(rstCount))
        }
    }

    /// Whether it sent SYNs, and nothing else; a tap may show each more than once.
    var hasSentSYNsOnly: Bool {
        @_addressableSelf @inline(__always) get { packetsBesidesControl == 0 && rstCount == 0 }
    }
}
