/// Why libpcap could not list or open an interface.
public enum InterfaceError: Hashable, Sendable {
    /// The process lacks the right to capture.
    case permission(String)
    /// There is no such interface.
    case missing(String)
    /// The interface is down.
    case down(String)
    /// It disappeared while it was captured on.
    case lost(String)
    /// Anything else; the text is libpcap's.
    case other(String)
}
