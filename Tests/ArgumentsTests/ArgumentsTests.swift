import Diagnosis
import Reports
import TCPState
import Testing
import Wire

@testable import Arguments

/// Values of options as people write them.
@Suite struct ArgumentsTests {
    @Test(arguments: [
        ("60s", 60_000_000_000), ("1.5s", 1_500_000_000), ("500ms", 500_000_000),
        ("2m", 120_000_000_000), ("2min", 120_000_000_000), ("1h", 3_600_000_000_000),
        ("7", 7_000_000_000), ("never", Int64.max),
    ])
    func `lengths of time`(_ text: String, _ nanoseconds: Int64) {
        #expect(TimeSpan(argument: text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: ["", "s", "-1s", "1 s", "1d", "1e3", "1.2.3s", "99999999999h", "٣s"])
    func `what is no length of time`(_ text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test(arguments: [("64K", 65_536), ("100M", 104_857_600), ("2G", 2_147_483_648), ("7", 7)])
    func `numbers of bytes`(_ text: String, _ bytes: Int) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test(arguments: ["", "K", "0", "-1K", "1T", "1.5M", "8589934592G", "9223372036854775807K"])
    func `what is no number of bytes`(_ text: String) { #expect(ByteSize(text) == nil) }

    /// The times are those that date(1) of GNU coreutils prints for these seconds.
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2000-02-29 12:00:00", 951_825_600),
        ("2026-11-21T01:02:55Z", 1_795_222_975), ("2026-11-21T01:02:55+01:00", 1_795_219_375),
        ("1969-12-31T23:59:59Z", -1),
    ])
    func `moments of ISO 8601`(_ text: String, _ seconds: Int64) {
        let time = Timestamp(nanoseconds: seconds * 1_000_000_000)
        #expect(TimeArgument(text) == .absolute(time))
    }

    @Test func `a time of day is of the day of the capture, or of the next`() throws {
        let first = Timestamp(nanoseconds: 1_795_222_975_000_000_000)
        let later = try #require(TimeArgument("02:00")?.time(from: first))
        #expect(later - first == .seconds(57 * 60 + 5))
        let next = try #require(TimeArgument("00:30")?.time(from: first))
        #expect(next - first == .seconds(86_400 - (32 * 60 + 55)))
        #expect(TimeArgument("+1.5s")?.time(from: first) == first + .milliseconds(1500))
        #expect(TimeArgument("end") == .end)
    }

    @Test(arguments: [
        "", "24:00", "12:60", "2026-02-29T00:00:00Z", "2026-13-01T00:00Z", "now", "+x",
    ])
    func `what is no moment`(_ text: String) { #expect(TimeArgument(text) == nil) }

    @Test func `frames`() {
        #expect(FrameArgument("157")?.number == 157)
        #expect(FrameArgument("2:157")?.file == 2)
        for text in ["0", "", ":", "1:2:3", "x", "-1"] { #expect(FrameArgument(text) == nil) }
    }

    @Test func `one end or both, in any order`() throws {
        let client = Address("10.1.1.105")!
        let server = Address("2001:db8::2")!
        let key = FlowKey(client, 40423, server, 8080)
        for text in [
            "10.1.1.105:40423", "[2001:db8::2]:8080", "10.1.1.105:40423 → [2001:db8::2]:8080",
            "[2001:db8::2]:8080,10.1.1.105:40423", "10.1.1.105:40423 -> [2001:db8::2]:8080",
        ] {
            #expect(try ConnectionEnds(text).matches(key), "\(text)")
        }
        #expect(try !ConnectionEnds("10.1.1.105:40424").matches(key))
        for text in [
            "", "10.1.1.105", "10.1.1.105:99999", "a:1 b:2", "1.1.1.1:1 2.2.2.2:2 3.3.3.3:3",
        ] {
            #expect(throws: ArgumentFailure.self, "\(text)") { try ConnectionEnds(text) }
        }
    }

    @Test func `taps stand in the order of the path`() throws {
        let taps = try TapArgument.all([
            "server=s.pcap", "proxy=p1.pcap", "p2.pcap", "client=c.pcap", "proxy=p3.pcap",
        ])
        #expect(taps.map(\.name) == ["client", "proxy", "server"])
        #expect(taps.map(\.files) == [["c.pcap"], ["p1.pcap", "p2.pcap", "p3.pcap"], ["s.pcap"]])
        #expect(throws: ArgumentFailure.self) { try TapArgument.all(["c.pcap"]) }
    }

    @Test func `thresholds and timers`() throws {
        var limits = Thresholds.standard
        try ThresholdOverride("close-wait=120s").apply(to: &limits)
        #expect(limits[.closeWait] == 120_000_000_000)
        for text in ["close-wait", "close-wait=x", "nothing=1s", "close-wait-count=-1"] {
            #expect(throws: ArgumentFailure.self, "\(text)") { try ThresholdOverride(text) }
        }
        var profile = StackProfile.linux
        TimerOverride("time-wait=30s")?.apply(to: &profile)
        #expect(profile.timeWait == .seconds(30))
        #expect(TimerOverride("time-wait") == nil)
    }

    @Test func `a filter among the files is told from a file of that name`() throws {
        #expect(throws: ArgumentFailure.self) {
            try FileNames.check(["a.pcap", "port", "80"], isFile: { _ in false })
        }
        try FileNames.check(["a.pcap", "port"], isFile: { _ in true })
        #expect(throws: ArgumentFailure.self) { try FileNames.check([]) }
        #expect(throws: ArgumentFailure.self) { try FileNames.check(["-", "-"]) }
    }

    @Test func `lists name what they do not know`() throws {
        #expect(try Diagnosis.list("close-wait-leak,refused") == [.closeWaitLeak, .refused])
        #expect(throws: ArgumentFailure.self) { try Diagnosis.list("closewait") }
        #expect(try FailRule.list("warning, reset:client").count == 2)
        #expect(throws: ArgumentFailure.self) { try FailRule.list("warning,,") }
        #expect(try ServicePattern.list("10.1.1.2:8080,:443").count == 2)
        #expect(throws: ArgumentFailure.self) { try AddressSet(argument: "10.1.1.2,x") }
    }
}

/// The command line as a whole.
@Suite struct CommandLineTests {
    @Test func `the words behind -- are one value`() {
        #expect(
            FilterWords.joined(in: ["a.pcap", "--", "port", "80"]) == [
                "a.pcap", "--filter-words=port 80",
            ])
        #expect(FilterWords.joined(in: ["a.pcap", "--"]) == ["a.pcap"])
        #expect(FilterWords.joined(in: ["a.pcap"]) == ["a.pcap"])
    }

    @Test func `a message shows no control character of an argument`() {
        let name = "a\u{1b}[31m.pcap"
        #expect(!"Error: '\(name)'".showing([name]).contains("\u{1b}"))
        #expect("Error: 'a'".showing(["a"]) == "Error: 'a'")
    }
}
