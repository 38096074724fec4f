import Testing
import Wire

@testable import Capture

/// The expected values are worked out by hand from the definition of `if_tsresol`.
@Suite struct TimestampResolutionTests {
    @Test(arguments: [
        (UInt8(0), UInt64(3), Int64(3_000_000_000)),
        (3, 1_500, 1_500_000_000),
        (6, 1_000_001, 1_000_001_000),
        (9, 1_000_000_001, 1_000_000_001),
        (12, 1_000_000_001_999, 1_000_000_001),
        (19, 15_000_000_000_000_000_000, 1_500_000_000),
        (0x80, 3, 3_000_000_000),
        (0x81, 3, 1_500_000_000),
        (0x8a, 1_025, 1_000_976_562),
        (0xbf, 0xc000_0000_0000_0000, 1_500_000_000),
    ])
    func `a count of units means so many nanoseconds`(
        option: UInt8, units: UInt64, nanoseconds: Int64
    ) throws {
        let unitsPerSecond = try #require(TimestampResolution.unitsPerSecond(option: option))
        let resolution = TimestampResolution(unitsPerSecond: unitsPerSecond, offset: 0)
        #expect(resolution.timestamp(units).nanoseconds == nanoseconds)
        let later = TimestampResolution(unitsPerSecond: unitsPerSecond, offset: 7)
        #expect(later.timestamp(units).nanoseconds == nanoseconds + 7_000_000_000)
    }

    @Test(arguments: [20, 127, 0x80 + 64, 0xff] as [UInt8])
    func `a resolution that 64 bits cannot count is refused`(option: UInt8) {
        #expect(TimestampResolution.unitsPerSecond(option: option) == nil)
    }

    @Test(arguments: [9_223_372_035, 9_223_372_036] as [UInt64])
    func `with and without an offset, clamping begins at the same second`(seconds: UInt64) {
        // Found by fuzzing: the short computation went on for most of a second.
        let short = TimestampResolution(unitsPerSecond: 1_000_000_000, offset: 0)
        let long = TimestampResolution(unitsPerSecond: 1_000_000_000, offset: 1)
        let units = seconds * 1_000_000_000 + 384_087_504
        #expect(
            short.timestamp(units) == long.timestamp(units - 1_000_000_000))
        #expect(short.timestamp(units).nanoseconds == 9_223_372_035_384_087_504)
    }

    @Test func `times beyond the years 1677 and 2262 are clamped`() {
        let seconds = TimestampResolution(unitsPerSecond: 1, offset: 0)
        #expect(seconds.timestamp(.max >> 1).nanoseconds == 9_223_372_035_000_000_000)
        let past = TimestampResolution(unitsPerSecond: 1_000_000, offset: .min)
        #expect(past.timestamp(0).nanoseconds == -9_223_372_035_000_000_000)
    }
}
