import Diagnosis
import Monitoring
import Testing
import Wire

@Suite struct StateHistoryTests {
    @Test func `memory is bounded, and each span reaches as far back as its name says`() {
        var history = StateHistory()
        let day = 86_400
        for second in 0..<(2 * day) {
            history.add(
                RoleCounts(local: []), at: Timestamp(nanoseconds: Int64(second) * 1_000_000_000))
        }
        for (span, seconds) in [(StateHistory.Span.minutes, 300), (.hour, 3600), (.day, day)] {
            let samples = history.samples(span)
            #expect(samples.count == 300)
            let reach = samples.last!.time - samples.first!.time
            #expect(abs(reach.seconds - Int64(seconds)) <= Int64(seconds / 300))
        }
    }
}
