import Glibc
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

    /// Whether the page of an address is in memory: mincore(2).
    private func isPresent(_ address: UnsafeMutableRawPointer) -> Bool {
        let page = address.alignedDown(toMultipleOf: 4096)
        var state: UInt8 = 0
        return mincore(page, 1, &state) == 0 && state & 1 != 0
    }

    /// Whether the kernel knows MADV_POPULATE_WRITE: madvise(2).
    private static let canPopulate: Bool = {
        let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        defer { munmap(page, 4096) }
        return madvise(page, 4096, 23) == 0
    }()

    @Test(.enabled(if: canPopulate, "MADV_POPULATE_WRITE: Linux 5.14 and later"))
    func `the huge page after the one in use is made present by another thread`() throws {
        var chunks = Chunks<InlineArray<32, UInt64>>(smallChunkCount: 0)
        // A value is 256 bytes, a huge page 2 MiB: the last of them is in the second page.
        for _ in 0..<8_200 { _ = chunks.appendZeros() }
        let next = UnsafeMutableRawPointer(chunks.address(8_192 + 8_192 + 100))
        for _ in 0..<200 where !isPresent(next) { usleep(10_000) }
        #expect(isPresent(next))
        #expect(!isPresent(UnsafeMutableRawPointer(chunks.address(8_192 * 5))))
    }
}
