public import Diagnosis
internal import Wire

/// Which findings a report is narrowed to: of these kinds, at these services.
public struct FindingSelection: Sendable {
    /// The diagnoses; empty for all.
    public var kinds: Set<Diagnosis> = []
    /// The services; empty for all.
    public var services: [ServicePattern] = []

    /// All findings.
    public init() {}

    /// Whether it leaves anything out.
    public var isAll: Bool { kinds.isEmpty && services.isEmpty }

    /// Whether a finding is of it.
    public func contains(_ group: FindingGroup) -> Bool {
        (kinds.isEmpty
            || kinds.contains {
                $0 == group.key.diagnosis || $0.name == group.key.diagnosis.otherName
            })
            && (services.isEmpty || services.contains { $0.matches(group.key.service) })
    }
}

/// A service by its address, by its port, or by both: `10.1.1.2`, `10.1.0.0/16`, `:8080`, `10.1.1.2:8080`,
/// `[2001:db8::2]:8080`.
public struct ServicePattern: Hashable, Sendable {
    private let addresses: AddressSet?
    private let port: UInt16?

    /// Reads a pattern; nil for anything else.
    public init?(_ text: String) {
        var whole = AddressSet()
        if whole.add(text) {
            (addresses, port) = (whole, nil)
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        self.port = port
        let host = text[..<colon]
        guard !host.isEmpty else {
            addresses = nil
            return
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        var part = AddressSet()
        guard isBracketed || !host.contains(":"),
            part.add(isBracketed ? host.dropFirst().dropLast() : host)
        else { return nil }
        addresses = part
    }

    /// Whether a service matches; what concerns the whole capture never does.
    public func matches(_ service: Service?) -> Bool {
        guard let service else { return false }
        return (addresses?.contains(service.address) ?? true)
            && (port ?? service.port) == service.port
    }
}
