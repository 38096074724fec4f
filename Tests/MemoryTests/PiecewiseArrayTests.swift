import Memory
import Testing

@Suite struct PiecewiseArrayTests {
    @Test(arguments: [0, 1, 1023, 1024, 1025, 5000])
    func `it has what an array has`(_ count: Int) {
        var array = PiecewiseArray<Int>()
        for number in 0..<count { array.append(number * 3) }
        #expect(array.count == count)
        #expect(Array(array) == (0..<count).map { $0 * 3 })
        #expect(array.last == (count == 0 ? nil : (count - 1) * 3))
    }

    @Test func `a copy is not changed`() {
        var array = PiecewiseArray<String>()
        for number in 0..<2000 { array.append("\(number)") }
        let copy = array
        array[1500] = "other"
        array.append("more")
        #expect(copy[1500] == "1500")
        #expect(copy.count == 2000)
        #expect(array[1500] == "other")
        #expect(array.count == 2001)
    }
}
