import Testing

@testable import Diagnosis

struct SmallCounterTests {
    @Test
    func `Keys are counted each on its own`() {
        var counter = SmallCounter<UInt8>()
        #expect(counter[7] == 0)
        for key: UInt8 in [7, 3, 7, 5] { counter.add(key) }
        #expect(counter[7] == 2)
        #expect(counter[3] == 1)
        #expect(counter[4] == 0)
        #expect(counter.entries.map(\.key) == [7, 3, 5])
    }

    @Test(
        arguments: [
            ([], nil), ([9], 9), ([9, 2], 2), ([2, 9], 2), ([2, 9, 9], 9), ([9, 2, 4, 4, 2], 2),
        ] as [([UInt8], UInt8?)])
    func `Of the most frequent keys the one with the smallest rank counts`(
        keys: [UInt8], most: UInt8?
    ) {
        var counter = SmallCounter<UInt8>()
        for key in keys { counter.add(key) }
        #expect(counter.mostFrequent { $0 } == most)
    }

    @Test
    func `Faults are numbered in their order`() {
        #expect(Fault.allCases.map(\.number) == Array(0..<UInt8(Fault.allCases.count)))
    }
}
