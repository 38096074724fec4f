public import Wire

/// A network interface of this host, as a report needs it.
public struct InterfaceRow: Sendable {
    /// Its name.
    public let name: String
    /// What it is; nil if nobody says.
    public let description: String?
    /// Its addresses.
    public let addresses: [Address]
    /// `up`, `running`, `loopback`, `wireless`, as far as they hold.
    public let flags: [String]

    /// Joins the parts.
    public init(name: String, description: String?, addresses: [Address], flags: [String]) {
        self.name = name
        self.description = description
        self.addresses = addresses
        self.flags = flags
    }
}
