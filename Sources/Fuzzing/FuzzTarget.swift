internal import Glibc

/// What a fuzzer's bytes are given to. Each checks what must hold whatever the bytes are, and traps
/// where it does not.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The bytes are a capture file: our reader and libpcap must read the same frames.
    case reader
    /// Several capture files: merged, each must give what it gives alone.
    case merge
    /// A link type and a frame.
    case decoder
    /// A few connections' segments: see ``Script``.
    case tracker
    /// Connections that an earlier run has written down, damaged, then segments.
    case archive
    /// Connections as a part has them, damaged, then merged.
    case part
    /// All that a tracker knows, damaged, to go on with.
    case checkpoint
    /// A few connections' segments past two taps: see ``Script``.
    case comparison
    /// A name and a capture file: every format must be what it claims to be, whatever they contain.
    case text

    /// Gives it the bytes.
    public func run(_ bytes: Span<UInt8>) {
        switch self {
        case .reader: fuzzReader(bytes)
        case .merge: fuzzMerge(bytes)
        case .decoder: fuzzDecoder(bytes)
        case .tracker: fuzzTracker(bytes)
        case .archive: fuzzArchive(bytes)
        case .part: fuzzPart(bytes)
        case .checkpoint: fuzzCheckpoint(bytes)
        case .comparison: fuzzComparison(bytes)
        case .text: fuzzText(bytes)
        }
    }

    /// The one that the environment names.
    static let chosen: FuzzTarget = {
        guard let name = unsafe getenv("WIRESTATE_FUZZ").map({ unsafe String(cString: $0) }),
            let target = FuzzTarget(rawValue: name)
        else { fatalError("set WIRESTATE_FUZZ to the target's name, or use Scripts/fuzz") }
        return target
    }()
}

/// libFuzzer's way in: https://llvm.org/docs/LibFuzzer.html#fuzz-target.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe FuzzTarget.chosen.run(
        Span(_unsafeElements: UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

/// Stops the run where something does not hold that must.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fatalError(what()) }
}
