public import Comparison
internal import TCPState

/// The files of a tap, and how their frames are named.
public struct TapCapture: Sendable {
    /// The files, as they were named.
    public let files: [String]
    /// How their frames are named.
    public let numbering: FrameNumbering
    /// What was wrong with the files, a sentence each.
    public let problems: [String]

    /// Joins the parts.
    public init(files: [String], numbering: FrameNumbering, problems: [String]) {
        self.files = files
        self.numbering = numbering
        self.problems = problems
    }
}

/// What several taps saw, and the verdicts on each connection.
public struct ComparisonReport: Sendable {
    /// The taps, compared.
    public let comparison: Comparison
    /// The files of each tap.
    public let captures: [TapCapture]
    /// The verdicts on each of the comparison's paths, the most telling first.
    public let verdicts: [[PathVerdict]]

    /// Judges all connections.
    public init(_ comparison: Comparison, captures: [TapCapture]) {
        self.comparison = comparison
        self.captures = captures
        let stretches = stretches(of: comparison.paths.count)
        let judged = concurrentMap(stretches.count) { index in
            comparison.paths[stretches[index]].map { PathExaminer($0, comparison).verdicts }
        }
        verdicts = Array(judged.joined())
    }

    /// The paths by their first verdict, the most telling kinds first.
    package var groups: [(kind: PathVerdict.Kind, paths: [Int])] {
        let byKind = Dictionary(grouping: comparison.paths.indices) { verdicts[$0][0].kind }
        return PathVerdict.Kind.allCases.compactMap { kind in
            byKind[kind].map { (kind, $0) }
        }
    }

    /// A verdict in whole sentences.
    package func sentence(of verdict: PathVerdict) -> String {
        PathWords(report: self, verdict: verdict).sentence
    }

    /// The name of a tap.
    func name(_ tap: Int) -> String { comparison.taps[tap].name }

    /// A frame and its capture: `frame 812 of server.pcap`.
    func text(_ frame: UInt64, at tap: Int) -> String {
        "frame \(captures[tap].numbering.text(frame)) of \(captureName(tap))"
    }

    /// A capture by its file's name where it has one file of its own name, else by its tap.
    private func captureName(_ tap: Int) -> String {
        let names = captures.map { capture -> String? in
            guard capture.files.count == 1, capture.files[0] != "-" else { return nil }
            return capture.files[0].split(separator: "/").last.map(String.init)
        }
        guard let name = names[tap], names.count(where: { $0 == name }) == 1 else {
            return "the \(self.name(tap).visible) tap"
        }
        return name.visible
    }
}
