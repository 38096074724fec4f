import Diagnosis
import Testing
import Wire

@testable import Live

/// What is bounded in a second.
@Suite struct RateTests {
    private let start = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

    @Test func `more lines than the limit are left out, and counted once the second is over`() {
        var rate = LineRate(limit: 3)
        let admitted = (0..<5).map { _ in rate.admits(start) }
        #expect(admitted == [true, true, true, false, false])
        let losses: [UInt64?] = [500, 1000, 2000].map { rate.takeLoss(start + .milliseconds($0)) }
        #expect(losses == [nil, 2, nil])
        let isAdmitted = rate.admits(start + .seconds(1))
        #expect(isAdmitted)
    }

    @Test func `the rate of frames is counted over a second`() {
        var rate = FrameRate()
        _ = rate.update(0, start)
        let early = rate.update(50, start + .milliseconds(500))
        #expect(early == nil)
        let late = rate.update(100, start + .seconds(1))
        #expect(late == 100)
    }

    /// sd-daemon(3): `<4>` is a warning, `<6>` information.
    @Test func `levels are those of syslog`() {
        #expect(SyslogLevel(.critical).rawValue == 2)
        #expect(SyslogLevel(.warning).rawValue == 4)
        #expect(SyslogLevel(.notice).rawValue == 5)
        #expect(SyslogLevel(.benign).rawValue == 6)
    }
}
