import Dispatch
import Host
import Synchronization
import Testing
import Wire

@Suite struct BackgroundQueueTests {
    @Test func `Work is done in order, and waited for`() {
        let queue = BackgroundQueue("test", limit: 1 << 20)
        let done = Mutex<[Int]>([])
        for number in 0..<1000 { queue.add(cost: 1) { done.withLock { $0.append(number) } } }
        #expect(queue.finish(within: 5_000_000_000))
        #expect(done.withLock { $0 } == Array(0..<1000))
        #expect(queue.isIdle)
    }

    @Test func `What blocks costs what comes later, not the one who adds it`() {
        let queue = BackgroundQueue("test", limit: 10)
        let gate = DispatchSemaphore(value: 0)
        #expect(queue.add(cost: 100) { gate.wait() }, "alone, anything fits")
        #expect(!queue.add(cost: 1) {})
        #expect(!queue.finish(within: 10_000_000))
        gate.signal()
        #expect(queue.finish(within: 5_000_000_000))
        #expect(queue.add(cost: 10) {})
    }
}
