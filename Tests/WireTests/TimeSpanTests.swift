import Testing
import Wire

/// Times come from files: whatever they are, their arithmetic gives the nearest number that there is.
@Suite struct TimeSpanTests {
    private static let edges: [Int64] = [
        .min, .min + 1, -1_795_219_200_000_000_000, -1_000_000_000, -1, 0, 1, 2, 1_000_000_000,
        1_795_219_200_000_000_000, .max - 1, .max,
    ]

    /// The exact result, brought into the range.
    private static func nearest(_ exact: Int128) -> Int64 { Int64(clamping: exact) }

    @Test func `Sums, differences, products and quotients are exact or the nearest`() {
        for a in Self.edges {
            for b in Self.edges {
                let (x, y) = (TimeSpan(nanoseconds: a), TimeSpan(nanoseconds: b))
                #expect((x + y).nanoseconds == Self.nearest(Int128(a) + Int128(b)))
                #expect((x - y).nanoseconds == Self.nearest(Int128(a) - Int128(b)))
                #expect((x * b).nanoseconds == Self.nearest(Int128(a) * Int128(b)))
                #expect((b * x).nanoseconds == Self.nearest(Int128(a) * Int128(b)))
                if b != 0 { #expect((x / b).nanoseconds == Self.nearest(Int128(a) / Int128(b))) }
                let (s, t) = (Timestamp(nanoseconds: a), Timestamp(nanoseconds: b))
                #expect((s - t).nanoseconds == Self.nearest(Int128(a) - Int128(b)))
                #expect((s + y).nanoseconds == Self.nearest(Int128(a) + Int128(b)))
                #expect((s - y).nanoseconds == Self.nearest(Int128(a) - Int128(b)))
                #expect((s < t) == (a < b))
                #expect((x < y) == (a < b))
            }
            let x = TimeSpan(nanoseconds: a)
            #expect((-x).nanoseconds == Self.nearest(-Int128(a)))
            #expect(x.magnitude.nanoseconds == Self.nearest(Int128(a.magnitude)))
            #expect(TimeSpan.seconds(a).nanoseconds == Self.nearest(Int128(a) * 1_000_000_000))
            #expect(TimeSpan.milliseconds(a).nanoseconds == Self.nearest(Int128(a) * 1_000_000))
            #expect(x / 0 == x)
        }
    }

    /// Factors of other integer types, beyond the range as well.
    @Test func `Factors are brought into the range first`() {
        #expect(TimeSpan(nanoseconds: 1) * UInt64.max == .max)
        #expect(TimeSpan(nanoseconds: -1) * UInt64.max == -.max)
        #expect(TimeSpan(nanoseconds: 10) / (3 as UInt8) == 3)
    }
}
