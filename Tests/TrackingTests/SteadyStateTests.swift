import Glibc
import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// Contract 9: the hot path allocates nothing per packet.
@Suite struct SteadyStateTests {
    /// In a process of its own: other tests allocate meanwhile. The runner's threads in that process
    /// allocate, too, now and then: one undisturbed measurement of five is enough.
    @Test func `100000 packets of one connection leave the heap as it was`() async throws {
        try await #require(processExitsWith: .success) {
            let heaps = try (0..<5).map { _ in try #require(Heap()) }
            let talk = Conversation()
            talk.open()
            talk.client.send(100)
            talk.server.send(200)
            let frames = talk.frames
            var request = frames[3].bytes
            var answer = frames[4].bytes
            var tracker = Tracker(
                observer: TransitionHistory(), profile: .linux, maximumConnections: 1000)
            var number: UInt64 = 0
            func feed(_ bytes: [UInt8], _ time: Timestamp) {
                number += 1
                tracker.receive(
                    bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time,
                    interface: 0, frame: number)
            }
            for (bytes, time) in frames { feed(bytes, time) }
            // Ethernet 14, IPv4 20: the sequence number is at 38, the acknowledgment number at 42.
            var client: UInt32 = 1101
            var server: UInt32 = 5201
            var now = talk.now
            func exchange(_ count: Int) {
                for _ in 0..<count {
                    now = now + 1_000_000
                    Self.write(client, 38, &request)
                    Self.write(server, 42, &request)
                    feed(request, now)
                    client &+= 100
                    now = now + 1_000_000
                    Self.write(server, 38, &answer)
                    Self.write(client, 42, &answer)
                    feed(answer, now)
                    server &+= 200
                }
            }
            exchange(2000)
            let isSteady = heaps.contains { heap in
                heap.describe(to: heap.before)
                exchange(50_000)
                heap.describe(to: heap.after)
                let (before, after) = (Heap.text(heap.before), Heap.text(heap.after))
                return before.contains("<total type") && before == after
            }
            #expect(tracker.counts.segments == number)
            #expect(isSteady)
        }
    }

    /// What glibc's allocator says of itself: every free and used byte of every arena.
    struct Heap {
        typealias Describe = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32

        let before: UnsafeMutablePointer<FILE>
        let after: UnsafeMutablePointer<FILE>
        let function: Describe

        init?() {
            guard let symbol = dlsym(nil, "malloc_info"), let before = tmpfile(),
                let after = tmpfile()
            else { return nil }
            function = unsafeBitCast(symbol, to: Describe.self)
            self.before = before
            self.after = after
            // A stream gets its buffer with its first byte.
            for file in [before, after] {
                fputs("\n", file)
                fflush(file)
            }
        }

        func describe(to file: UnsafeMutablePointer<FILE>) {
            _ = function(0, file)
            fflush(file)
        }

        static func text(_ file: UnsafeMutablePointer<FILE>) -> String {
            rewind(file)
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = fread(&bytes, 1, bytes.count, file)
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    static func write(_ number: UInt32, _ offset: Int, _ bytes: inout [UInt8]) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * index))
        }
    }
}
