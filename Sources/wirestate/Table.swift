import Capture
import Glibc
import Synchronization

/// Where workers sit: whoever has nothing to do deals the next frames out, to all of them.
///
/// So a file is read once, and by all threads in turn; and nobody waits while there is anything to do, unless
/// the others are far behind. They look again and again rather than sleep: a turn takes less time than to
/// wake somebody, and the kernel likes to wake a thread where the one that woke it runs.
final class Table: @unchecked Sendable {
    /// Touched by whoever deals, and by anybody when all is over.
    private(set) var dealer: Dealer
    /// Whoever waits looks at what follows, whoever deals writes what is before it: not in one cache line.
    private let gap = InlineArray<16, UInt64>(repeating: 0)
    private let deals: [Deal]
    /// How many deals were dealt out so far.
    private let dealt = Atomic(0)
    private let isDealing = Atomic(false)

    /// How many deals may be under way: enough for a worker to go on while another one is behind.
    private static let dealCount = 16
    /// So many shall be ready for a worker before it takes one: then nobody has to wait for the next.
    private static let reserve = 4

    init(_ options: CommonOptions, workers: Int) throws(CaptureError) {
        dealer = try Dealer(options, workers: workers)
        deals = (0..<Table.dealCount).map { _ in Deal(workers: workers) }
    }

    /// The next deal for a worker, the `number`th from 0; nil after the last one.
    func take(_ number: Int) -> Deal? {
        var patience = Patience()
        if dealt.load(ordering: .relaxed) - number <= Table.reserve { _ = tryToDeal() }
        while dealt.load(ordering: .acquiring) <= number {
            if !tryToDeal() { patience.wait() }
        }
        let deal = deals[number % deals.count]
        return deal.isEnd ? nil : deal
    }

    /// Deals once, unless somebody else does, or every deal is still under way.
    private func tryToDeal() -> Bool {
        guard !isDealing.load(ordering: .relaxed),
            !isDealing.exchange(true, ordering: .acquiring)
        else { return false }
        defer { isDealing.store(false, ordering: .releasing) }
        let count = dealt.load(ordering: .relaxed)
        let deal = deals[count % deals.count]
        guard deal.pending.load(ordering: .acquiring) == 0, dealer.fill(deal) else { return false }
        dealt.store(count + 1, ordering: .releasing)
        return true
    }
}

/// Of one who waits for another thread: at first it looks often.
private struct Patience {
    private var looks = 0

    mutating func wait() {
        looks += 1
        if looks < 500 { sched_yield() } else { usleep(50) }
    }
}
