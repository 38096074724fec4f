/// The version of IP that a header or message belongs to.
public enum IPFamily: Sendable {
    /// RFC 791.
    case ipv4
    /// RFC 8200.
    case ipv6
}
