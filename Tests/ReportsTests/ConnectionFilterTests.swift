import Diagnosis
import Reports
import TCPState
import Testing
import Wire

/// A connection of which everything is known beforehand.
private struct Sample: FilteredConnection {
    var states = (State.finWait2, State.closeWait)
    var addresses = (Address("10.1.1.101")!, Address("2001:db8::2")!)
    var ports = (UInt16(40_000), UInt16(443))
    var findings: [Finding] = []
    var isStuck = false
    var age: TimeSpan = 90_000_000_000
    var bytes: UInt64 = 10_000
    var retransmissions: UInt64 = 3
    var process: String? = "nginx[12]"

    func state(_ role: Role) -> State { role == .client ? states.0 : states.1 }
    func address(_ role: Role) -> Address { role == .client ? addresses.0 : addresses.1 }
    func port(_ role: Role) -> UInt16 { role == .client ? ports.0 : ports.1 }
}

struct ConnectionFilterTests {
    @Test(arguments: [
        "", "state:CLOSE_WAIT", "state:close-wait", "state:FIN-WAIT-2", "CLOSE_WAIT", "port:443",
        "port:40000", ":443", "host:10.1.1.101", "host:10.1.0.0/16", "host:10.1.", "10.1.1.101",
        "10.0.0.0/8", "host:2001:db8::/32", "host:2001:DB8:", "10.1.1.101:40000",
        "[2001:db8::2]:443", "process:nginx", "age>60s", "age>1m", "age<2m", "age<1h", "!age>2m",
        "bytes>9k", "bytes<10001", "bytes<1M", "retrans>2", "!stuck",
        "state:close-wait port:443 age>60s",
    ])
    func `It holds`(_ filter: String) throws {
        #expect(try ConnectionFilter(filter).shows(Sample()))
    }

    @Test(arguments: [
        "state:established", "!state:close-wait", "TIME_WAIT", "port:80", ":80", "host:10.1.1.1",
        "host:10.2.0.0/16", "host:0.1.1.101", "host:2001:db9::/32", "10.1.1.101:443",
        "process:sshd", "age>90s", "age<90s", "bytes>10k", "bytes<10k", "retrans>3", "stuck",
        "kind:close-wait-leak", "close-wait-leak", "fault:server", "port:443 port:80",
    ])
    func `It does not hold`(_ filter: String) throws {
        #expect(try !ConnectionFilter(filter).shows(Sample()))
    }

    @Test(arguments: [
        ("nginx", "nginx", "state:"), ("bytes>100x", "bytes>100x", "a number of bytes"),
        ("age>x", "age>x", "60s"), ("age>", "age>", "60s"),
        ("state:TIMEWAITING", "state:TIMEWAITING", "TIME_WAIT"),
        ("port:70000", "port:70000", "65535"), ("port:x", "port:x", "65535"),
        ("host:", "host:", "10.0.0.0/8"), ("host:example.org", "host:example.org", "10.0.0.0/8"),
        ("kind:leak", "kind:leak", "close-wait-leak"), ("fault:me", "fault:me", "middlebox"),
        ("process:", "process:", "name"), ("!", "", "state:"), ("prot:443", "prot:443", "port:"),
        ("bytes>99999999999999999999", "bytes>99999999999999999999", "a number of bytes"),
        ("bytes>99999999999999G", "bytes>99999999999999G", "a number of bytes"),
        ("retrans>1k", "retrans>1k", "a number of segments"),
        ("10.1.1.1/33", "10.1.1.1/33", "host:"),
        ("[10.1.1.1]:80", "[10.1.1.1]:80", "host:"), ("port:443 wrong", "wrong", "stuck"),
    ])
    func `A word that means nothing is named, with what would be right`(
        _ filter: String, _ word: String, _ expected: String
    ) {
        let mistake = #expect(throws: ConnectionFilter.Mistake.self) {
            try ConnectionFilter(filter)
        }
        #expect(mistake?.word == word)
        #expect(mistake?.expected.contains(expected) ?? false)
    }

    @Test func `A mistake does not reach the terminal's controls`() {
        let mistake = #expect(throws: ConnectionFilter.Mistake.self) {
            try ConnectionFilter("\u{1b}[2J")
        }
        #expect(mistake.map { !$0.description.contains("\u{1b}") } ?? false)
    }
}
