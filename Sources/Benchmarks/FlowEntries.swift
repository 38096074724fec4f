import Glibc

/// A hash table with one entry of 64 bytes for each flow: open addressing, doubled when half full.
@safe
struct FlowEntries: ~Copyable {
    /// Addresses and ports in an order that does not depend on who sends.
    fileprivate struct Key {
        var first: (high: UInt64, low: UInt64)
        var second: (high: UInt64, low: UInt64)
        var ports: UInt32
        var isIPv6: Bool
    }

    /// A flow and a little of what its two sides have sent.
    private struct Entry {
        var key: Key
        var isUsed: Bool
        var flags: InlineArray<2, UInt8>
        var sequenceEnd: InlineArray<2, UInt32>
        var packets: InlineArray<2, UInt32>
        var lastSecond: UInt32
    }

    /// How many flows there are.
    private(set) var count = 0
    /// How many TCP segments were taken.
    private(set) var segments = 0
    private var entries: UnsafeMutablePointer<Entry>
    private var mask: Int

    init() {
        precondition(MemoryLayout<Entry>.stride == 64)
        mask = 1 << 16 - 1
        unsafe entries = Self.allocate(1 << 16)
    }

    deinit { unsafe munmap(entries, (mask + 1) * 64) }

    /// Zeros, page by page as they are touched.
    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Entry> {
        let memory = unsafe mmap(
            nil, count * 64, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe memory, unsafe !isFailure(memory) else {
            fatalError("no memory for \(count) entries")
        }
        return unsafe memory.bindMemory(to: Entry.self, capacity: count)
    }

    /// Notes a frame in its flow's entry.
    @inline(__always)
    @unsafe mutating func count(_ frame: UnsafeRawPointer, _ captured: Int, second: UInt32) {
        guard let headers = unsafe Headers(frame, captured) else { return }
        segments &+= 1
        let isTurned = headers.isTurned
        let key = Key(headers, isTurned: isTurned)
        let entry = unsafe find(key)
        let side = isTurned ? 1 : 0
        let isFirst = unsafe entry.pointee.packets[side] == 0
        let end = headers.sequenceEnd
        unsafe entry.pointee.flags[side] |= headers.flags
        unsafe entry.pointee.packets[side] &+= 1
        unsafe entry.pointee.lastSecond = second
        if unsafe isFirst || Int32(bitPattern: end &- entry.pointee.sequenceEnd[side]) > 0 {
            unsafe entry.pointee.sequenceEnd[side] = end
        }
    }

    @inline(__always)
    private mutating func find(_ key: Key) -> UnsafeMutablePointer<Entry> {
        var slot = key.hash & mask
        while true {
            let entry = unsafe entries + slot
            if unsafe !entry.pointee.isUsed {
                if count * 2 > mask {
                    grow()
                    slot = key.hash & mask
                    continue
                }
                unsafe entry.pointee.key = key
                unsafe entry.pointee.isUsed = true
                count &+= 1
                return unsafe entry
            }
            if unsafe entry.pointee.key == key { return unsafe entry }
            slot = (slot + 1) & mask
        }
    }

    @inline(never)
    private mutating func grow() {
        let old = unsafe entries
        let oldCount = mask + 1
        mask = 2 * oldCount - 1
        unsafe entries = Self.allocate(2 * oldCount)
        for index in 0..<oldCount {
            guard unsafe old[index].isUsed else { continue }
            var slot = unsafe old[index].key.hash & mask
            while unsafe entries[slot].isUsed { slot = (slot + 1) & mask }
            unsafe entries[slot] = old[index]
        }
        unsafe munmap(old, oldCount * 64)
    }
}

extension FlowEntries.Key {
    @inline(__always)
    init(_ headers: Headers, isTurned: Bool) {
        let ports = (UInt32(headers.sourcePort), UInt32(headers.destinationPort))
        first = isTurned ? headers.destination : headers.source
        second = isTurned ? headers.source : headers.destination
        self.ports = isTurned ? ports.1 << 16 | ports.0 : ports.0 << 16 | ports.1
        isIPv6 = headers.isIPv6
    }

    @inline(__always)
    static func == (left: Self, right: Self) -> Bool {
        left.ports == right.ports && left.first.low == right.first.low
            && left.second.low == right.second.low && left.first.high == right.first.high
            && left.second.high == right.second.high && left.isIPv6 == right.isIPv6
    }

    /// Products of wide numbers folded into one word. The numbers are digits of e and pi.
    @inline(__always)
    var hash: Int {
        var mixed = Self.fold(
            first.low ^ 0xb7e1_5162_8aed_2a6b, second.low ^ UInt64(ports) ^ 0x243f_6a88_85a3_08d3)
        if isIPv6 {
            mixed = Self.fold(mixed ^ first.high, second.high ^ 0x1319_8a2e_0370_7345)
        }
        return Int(truncatingIfNeeded: Self.fold(mixed, 0xbf71_5880_9cf4_f3c7))
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}

extension Headers {
    /// Whether the destination comes first in the order of a key.
    @inline(__always)
    var isTurned: Bool {
        if source.high != destination.high { return source.high > destination.high }
        if source.low != destination.low { return source.low > destination.low }
        return sourcePort > destinationPort
    }
}
