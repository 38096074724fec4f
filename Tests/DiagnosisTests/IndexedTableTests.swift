import Testing

@testable import Diagnosis

struct IndexedTableTests {
    /// Strangers choose keys so that they share a place among those that came lately.
    private struct Key: FastHashable {
        let name: Int
        var mixed: UInt64 { 7 }
    }

    @Test
    func `Keys that mix alike are told apart`() {
        var table = IndexedTable<Key, String>()
        for name in 0..<100 {
            #expect(table.index(of: Key(name: name)) == nil)
            #expect(table.add(Key(name: name), "\(name)") == name)
            // The one before it takes the place of this one among those that came lately.
            #expect(table.index(of: Key(name: max(0, name - 1))) == max(0, name - 1))
        }
        for name in (0..<100).reversed() {
            #expect(table.index(of: Key(name: name)) == name)
            #expect(table.place(of: Key(name: name)) == name)
            #expect(table[Key(name: name)] == "\(name)")
        }
        #expect(table.index(of: Key(name: 100)) == nil)
        #expect(table[Key(name: 100)] == nil)
        #expect(table.count == 100)
        #expect(table.keys.map(\.name) == Array(0..<100))
    }
}
