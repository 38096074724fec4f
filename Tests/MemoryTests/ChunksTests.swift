import Memory
import Testing

@Suite struct ChunksTests {
    /// Of a size that divides neither a page nor what is asked for at once.
    private struct Value: Equatable {
        var first: UInt64
        var rest = InlineArray<4, UInt64>(repeating: 7)
        var last: UInt64

        init(_ number: UInt64) { (first, last) = (number, ~number) }

        static func == (a: Value, b: Value) -> Bool { a.first == b.first && a.last == b.last }
    }

    @Test func `values stay where they were put, over several chunks`() {
        var chunks = Chunks<Value>()
        let count: UInt32 = (6 << 16) + 5
        for number in 0..<count {
            let place = chunks.append(Value(UInt64(number)))
            #expect(place == number)
        }
        #expect(chunks.count == count)
        let wrong = (0..<count).count { chunks[$0] != Value(UInt64($0)) }
        #expect(wrong == 0)
    }
}
