import Diagnosis
import Testing
import Wire

@testable import Arguments

/// Flags that depend on each other, and the words for those that contradict each other.
struct FlagTests {
    /// What a check refuses; nil where it refuses nothing.
    private static func refusal(_ check: () throws(ArgumentFailure) -> Void) -> String? {
        do { try check() } catch { return error.description }
        return nil
    }

    private static func live(_ change: (inout LiveFlags) -> Void) -> String? {
        var flags = LiveFlags()
        flags.interfaces = ["eth0"]
        change(&flags)
        return refusal(flags.check)
    }

    @Test func `a live run needs an interface, once, or a pipe`() {
        #expect(Self.live { _ in } == nil)
        #expect(Self.live { $0.interfaces = [] }?.hasPrefix("Name an interface") == true)
        #expect(Self.live { $0.interfaces.append("eth0") } == "An interface is named twice.")
        #expect(Self.live { ($0.interfaces, $0.input) = ([], "-") } == nil)
        #expect(
            Self.live { ($0.interfaces, $0.input) = ([], "a.pcap") }?.hasPrefix("'a.pcap'") == true)
        let mixed = "'-' does not work with -i, --prime, --reconcile or -w."
        #expect(Self.live { $0.input = "-" } == mixed)
        #expect(Self.live { ($0.interfaces, $0.input, $0.primes) = ([], "-", true) } == mixed)
    }

    @Test func `sizes and intervals of a live run have limits`() {
        #expect(Self.live { $0.snapshotLength = 64 } == nil)
        #expect(Self.live { $0.snapshotLength = 63 } != nil)
        #expect(Self.live { $0.snapshotLength = 262_145 } != nil)
        #expect(Self.live { $0.bufferSize = 1 << 16 } == nil)
        #expect(Self.live { $0.bufferSize = (1 << 30) + 1 } != nil)
        #expect(Self.live { $0.every = "5m" } == nil)
        for every in ["0s", "never", "soon", "-1s"] {
            let words = "--every '\(every)' is not a length of time, such as 60s."
            #expect(Self.live { $0.every = every } == words)
        }
    }

    @Test func `a file of packets ends at a size or after a time`() {
        var flags = LiveFlags()
        #expect(flags.rotation == .never)
        for (text, rotation) in [
            ("100M", .size(100 << 20)), ("1h", .time(.seconds(3600))), ("1s", .time(.seconds(1))),
            ("999ms", nil), ("0M", nil), ("M", nil), ("", nil), ("never", nil),
        ] as [(String, LiveFlags.Rotation?)] {
            flags.rotate = text
            #expect(flags.rotation == rotation, "\(text)")
        }
        #expect(Self.live { $0.rotate = "1h" } == "--rotate and --only-stuck need -w.")
        #expect(Self.live { $0.isOnlyStuck = true } == "--rotate and --only-stuck need -w.")
        #expect(
            Self.live { ($0.packets, $0.rotate) = ("a", "x") }?.hasPrefix("--rotate 'x'") == true)
        #expect(Self.live { ($0.packets, $0.keep) = ("a", 3) }?.hasPrefix("--keep") == true)
        #expect(Self.live { ($0.packets, $0.rotate, $0.keep) = ("a", "1h", 0) } != nil)
        #expect(Self.live { ($0.packets, $0.rotate, $0.keep) = ("a", "1h", 1) } == nil)
    }

    @Test func `lines do not go where packets go`() {
        var flags = LiveFlags()
        #expect(flags.output(nil) == nil)
        flags.packets = "-"
        #expect(flags.output(nil) == "/dev/stderr")
        #expect(flags.output("log") == "log")
        flags.packets = "a.pcap"
        #expect(flags.output(nil) == nil)
    }

    @Test func `what a merge prints decides which flags it has`() {
        func merge(_ change: (inout MergeFlags) -> Void) -> String? {
            var flags = MergeFlags()
            change(&flags)
            return Self.refusal(flags.check)
        }
        #expect(merge { _ in } == nil)
        #expect(merge { $0.hasShard = true }?.hasPrefix("--shard") == true)
        #expect(merge { ($0.hasShard, $0.printed) = (true, .states) } == nil)
        #expect(merge { $0.isMarkdown = true } == nil)
        #expect(merge { ($0.isMarkdown, $0.printed) = (true, .states) } != nil)
        #expect(merge { ($0.isCSV, $0.printed) = (true, .connections) } == nil)
        #expect(merge { ($0.isCSV, $0.isJSON, $0.printed) = (true, true, .connections) } != nil)
        #expect(merge { $0.isCSV = true } != nil)
        #expect(merge { ($0.hasDatabase, $0.printed) = (true, .transitions) } != nil)
        #expect(merge { $0.every = "0s" }?.hasSuffix("such as 1s or 1m.") == true)
        #expect(
            merge { $0.needingCaptures = [("--html", false), ("--evidence", true)] }
                == "--evidence needs the captures themselves: use 'wirestate report --evidence' on them."
        )
    }

    @Test func `a comparison shows segments, changes of state or one connection`() {
        func compare(_ change: (inout ComparisonFlags) -> Void) -> String? {
            var flags = ComparisonFlags()
            flags.isJSON = true
            change(&flags)
            return Self.refusal { () throws(ArgumentFailure) in try flags.check {} }
        }
        #expect(compare { _ in } == nil)
        #expect(compare { ($0.hasSegments, $0.isJSON) = (true, false) } != nil)
        #expect(compare { $0.hasSegments = true } == nil)
        #expect(compare { ($0.hasTransitions, $0.hasSegments) = (true, true) } != nil)
        #expect(compare { ($0.hasTransitions, $0.hasConnection) = (true, true) } != nil)
        #expect(compare { ($0.hasConnection, $0.hasSegments) = (true, true) } != nil)
        #expect(compare { $0.files = ["-"] } == nil)
        let words = "--evidence reads the captures twice, so standard input and pipes do not work."
        #expect(compare { ($0.files, $0.hasEvidence) = (["-"], true) } == words)
        let one = Self.refusal { () throws(ArgumentFailure) in
            try ComparisonFlags().check { () throws(ArgumentFailure) in
                try TapArgument.requireTwo(TapArgument.all(["client=a"]))
            }
        }
        #expect(one?.hasPrefix("Name two taps") == true)
    }

    @Test func `one connection is named, in one way`() {
        func explain(_ change: (inout ConnectionFlags) -> Void) -> String? {
            var flags = ConnectionFlags()
            flags.files = [#filePath]
            change(&flags)
            return Self.refusal(flags.check)
        }
        #expect(explain { $0.streams = 1 } == nil)
        #expect(explain { _ in }?.hasPrefix("Name one connection") == true)
        #expect(explain { $0.files = ["/nowhere"] }?.hasPrefix("'/nowhere' is not") == true)
        #expect(explain { ($0.streams, $0.ends) = (1, 1) }?.hasPrefix("explain shows") == true)
        #expect(explain { $0.frames = 2 }?.hasPrefix("explain shows") == true)
        #expect(explain { ($0.frames, $0.files) = (1, ["-"]) }?.hasPrefix("--frame reads") == true)
        #expect(explain { ($0.streams, $0.files) = (1, ["-"]) } == nil)
        #expect(explain { ($0.streams, $0.tapFiles) = (1, ["a"]) }?.hasPrefix("With --tap") == true)
        #expect(explain { ($0.ends, $0.tapFiles) = (1, ["a"]) } == nil)
        #expect(explain { ($0.ends, $0.tapFiles, $0.follows) = (1, ["a"], true) } != nil)
        #expect(explain { ($0.ends, $0.tapFiles) = (1, ["-"]) }?.hasPrefix("explain --tap") == true)
    }

    @Test func `several thresholds are one value`() throws {
        let limits = try ThresholdOverride.thresholds("close-wait=60s,fin-wait-2=5m")
        #expect(limits[.closeWait] == .seconds(60))
        #expect(limits[.finWait2] == .seconds(300))
        #expect(try ThresholdOverride.thresholds("")[.closeWait] == Thresholds.standard[.closeWait])
        #expect(throws: ArgumentFailure.self) { try ThresholdOverride.thresholds("close-wait") }
    }
}
