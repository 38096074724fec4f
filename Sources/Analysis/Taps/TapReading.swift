public import Capture
public import Comparison
public import Reports
public import TCPState
public import Wire

/// Reads the captures of one tap for a comparison.
public struct TapReading: Sendable {
    /// The tap's name.
    public let name: String
    /// Its files, merged by time.
    public let files: [String]
    /// A capture filter in the language of pcap-filter(7); nil for all frames.
    public var filter: String?
    /// Who reads the files.
    public var backend = CaptureReader.Backend.automatic
    /// Segments that are kept at most: about 100 bytes each while they are compared; each connection counts as four.
    public var segmentLimit = 1 << 24
    /// Replaces the addresses in all results; nil to leave them as they are.
    public var mask: AddressMask?
    /// Is told of progress, as for an analysis.
    public var onProgress: (@Sendable (ReadProgress) -> Void)?

    /// A tap and its files.
    public init(name: String, files: [String]) {
        self.name = name
        self.files = files
    }

    /// An analysis of the same frames, with the timers of some TCP stack.
    public func analysis(_ profile: StackProfile) -> CaptureAnalysis {
        var options = AnalysisOptions(files: files)
        options.filter = filter
        options.backend = backend
        options.profile = profile
        if let mask { options.anonymize(by: mask) }
        return CaptureAnalysis(options)
    }

    /// What the tap saw, and what was wrong with its files.
    public struct Result: Sendable {
        /// Its segments.
        public let tap: Tap
        /// How reports name it.
        public let capture: TapCapture
        /// What was wrong with the files.
        public let problems: [CaptureError]
    }

    /// Reads all frames. Throws where the filter is wrong; a file that cannot be read is a problem of the result.
    public func read() throws(CaptureError) -> Result {
        var reader = try CaptureReader(
            files: files, filter: filter, backend: backend, sorts: true)
        var recorder = TapRecorder(name: name, limit: segmentLimit)
        reader.forEachFrame(onProgress) { frame, _ in
            recorder.receive(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, frame: frame.reference)
        }
        let problems = reader.problems
        let capture = TapCapture(
            files: files, numbering: FrameNumbering(before: reader.framesBefore),
            problems: problems.map { "\($0)" })
        let tap = recorder.finish(
            dropped: reader.lostPackets, replacing: mask.map { mask in { mask[$0] } })
        return Result(tap: tap, capture: capture, problems: problems)
    }

    /// Reads several taps at the same time, a thread each: their results in order. The first error in that order is thrown.
    public static func read(_ readings: [TapReading]) throws(CaptureError) -> [Result] {
        typealias Outcome = Swift.Result<Result, CaptureError>
        let outcomes = concurrentMap(readings.count) { index -> Outcome in
            do throws(CaptureError) {
                return .success(try readings[index].read())
            } catch {
                return .failure(error)
            }
        }
        var results: [Result] = []
        for outcome in outcomes { results.append(try outcome.get()) }
        return results
    }
}
