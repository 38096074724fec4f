public import Capture
public import Reports

extension InterfaceRow {
    /// What is said of an interface that can be captured on.
    public init(_ interface: NetworkInterface) {
        let names: [(NetworkInterface.Flags, String)] = [
            (.up, "up"), (.running, "running"), (.loopback, "loopback"), (.wireless, "wireless"),
        ]
        self.init(
            name: interface.name, description: interface.description,
            addresses: interface.addresses,
            flags: names.filter { interface.flags.contains($0.0) }.map(\.1))
    }
}
