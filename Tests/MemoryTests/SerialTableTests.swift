import Memory
import TestKit
import Testing

@Suite struct SerialTableTests {
    /// As a live run uses it: numbers are given out in order, most leave soon, a few stay for ever.
    @Test(arguments: [0, 1, 50, 300])
    func `is what a dictionary is`(stay: UInt64) {
        var random = SplitMix64(seed: 7 + stay)
        var table = SerialTable<UInt64>()
        var model: [UInt32: UInt64] = [:]
        var next: UInt32 = 1000
        for _ in 0..<20_000 {
            switch random.next() % 8 {
            case 0, 1, 2:
                next += random.next() % 64 == 0 ? UInt32(random.next() % 700) : 1
                (table[next], model[next]) = (UInt64(next), UInt64(next))
            case 3:
                let late = next &- UInt32(random.next() % 2000)
                (table[late], model[late]) = (7, 7)
            case 4:
                let serial = next &- UInt32(random.next() % 1000)
                table.change(serial) { $0 += 1 }
                model[serial]? += 1
            default:
                let old = model.keys.min() ?? 0
                let serial = random.next() % 300 < stay ? next : old + UInt32(random.next() % 300)
                #expect(table.remove(serial) == model.removeValue(forKey: serial))
            }
            let serial = next &- UInt32(random.next() % 3000)
            #expect(table[serial] == model[serial])
        }
        for (serial, value) in model { #expect(table[serial] == value) }
        for serial in model.keys { table[serial] = nil }
        for serial in model.keys { #expect(table[serial] == nil) }
    }

    @Test func `numbers far apart take no room between them`() {
        var table = SerialTable<Int>()
        for serial: UInt32 in [5, .max, 1 << 31, 0] { table[serial] = Int(serial) }
        for serial: UInt32 in [5, .max, 1 << 31, 0] { #expect(table[serial] == Int(serial)) }
        #expect(table[6] == nil)
    }
}
