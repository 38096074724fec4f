import Glibc
import TestKit

extension SplitMix64 {
    /// A number from 0 to `bound - 1`.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True so many times in a thousand.
    mutating func chance(perMille: Int) -> Bool { below(1000) < perMille }

    /// More than 0, less than 1.
    mutating func fraction() -> Double { (Double(next() >> 12) + 0.5) / Double(1 << 52 as Int64) }

    /// Waiting times with this mean.
    mutating func exponential(mean: Double) -> Double { -mean * log(fraction()) }

    /// Every order of magnitude of the range as often.
    mutating func spread(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound * pow(range.upperBound / range.lowerBound, fraction())
    }

    /// A Pareto distribution, cut off: a few are much larger than all others.
    mutating func heavyTailed(from least: Double, shape: Double, upTo most: Double) -> Int {
        Int(min(most, least * pow(fraction(), -1 / shape)))
    }
}
