public import Capture
public import Diagnosis
public import Reports
import Tracking
public import Wire

/// What an instant of a capture shows beside the states, which follow from the history.
public struct CaptureMoment: Sendable {
    /// The instant.
    public let time: Timestamp
    /// The findings of the capture as far as the instant, the worst first: as a report gives them on a file that ends there.
    public let findings: [FindingGroup]
    /// How many there are, those left out included.
    public let findingCount: Int
    /// The connections that are stuck then, by serial number.
    public let problems: [UInt32: Problem]
    let queues: SendQueueSampler.Queues

    /// What is the matter with a connection.
    public struct Problem: Sendable {
        /// What.
        public let diagnosis: Diagnosis
        /// How bad it is.
        public let severity: Severity

        /// Joins the two.
        public init(diagnosis: Diagnosis, severity: Severity) {
            self.diagnosis = diagnosis
            self.severity = severity
        }
    }
}

extension CaptureAnalysis {
    /// Reads the captures and takes down what they show at some instants.
    ///
    /// Complexity: one pass over the frames, and for each instant all connections that began before it.
    ///
    /// - Parameters:
    ///   - instants: in order of time; those after the last frame show the end.
    ///   - report: of the same captures: what is known of their quality, and where they were taken.
    ///   - limits: from which values on findings count.
    ///   - findingLimit: as many findings of each instant are kept, the worst ones.
    ///   - exampleLimit: as many connections are kept of each finding.
    public func moments(
        at instants: [Timestamp], of report: Report, _ limits: Thresholds = .standard,
        findingLimit: Int = 200, exampleLimit: Int = 3
    ) throws(CaptureError) -> [CaptureMoment] {
        var moments: [CaptureMoment] = []
        let summary = RunSummary(
            local: options.localAddresses, limits, exampleLimit: exampleLimit)
        var sampler = MomentSampler(instants, summary) { time, sample in
            var input = report.input
            input.last = time
            let groups = Report(
                input: input, summary: sample.summary, quality: report.quality,
                spelling: report.spelling, vantage: options.vantage
            ).findings
            moments.append(
                CaptureMoment(
                    time: time, findings: Array(groups.prefix(findingLimit)),
                    findingCount: groups.count, problems: sample.problems, queues: sample.queues))
        }
        _ = try runInOrder(&sampler, before: { MomentSampler.pass(&$0, $1) })
        sampler.finish()
        return moments
    }
}
