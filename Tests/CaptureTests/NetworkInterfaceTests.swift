import Capture
import Testing
import Wire

@Suite struct NetworkInterfaceTests {
    @Test func `loopback, if it is listed, is loopback and has 127.0.0.1`() throws {
        let all = try NetworkInterface.all()
        guard let loopback = all.first(where: { $0.name == "lo" }) else { return }
        #expect(loopback.flags.contains(.loopback))
        if loopback.flags.contains(.up) {
            #expect(loopback.addresses.contains(Address(ipv4: 0x7f00_0001)))
        }
    }

    @Test func `an interface that does not exist is told`() throws {
        let error = #expect(throws: CaptureError.self) {
            _ = try InactiveLiveCapture(interface: "no-such-interface").activate()
        }
        switch error {
        case .interface("no-such-interface", .missing), .interface(_, .permission): break
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test func `libpcap tells its version`() { #expect(libpcapVersion.contains("libpcap")) }
}
