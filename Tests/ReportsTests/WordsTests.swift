import Reports
import Testing
import Wire

struct TimeTextTests {
    @Test(
        arguments: zip(
            [
                0, 1, 951_782_400_000_000_000, 1_795_219_200_123_456_000,
                1_795_219_200_123_456_789, -1, 4_102_444_799_999_999_999,
            ] as [Int64],
            [
                "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000000001Z",
                "2000-02-29T00:00:00.000000Z", "2026-11-21T00:00:00.123456Z",
                "2026-11-21T00:00:00.123456789Z", "1969-12-31T23:59:59.999999999Z",
                "2099-12-31T23:59:59.999999999Z",
            ]))
    func `Times are ISO 8601 in UTC`(_ nanoseconds: Int64, _ text: String) {
        #expect(TimeText(Timestamp(nanoseconds: nanoseconds)).iso8601 == text)
    }

    @Test(arguments: [Int64.min, .max])
    func `No time is too far away`(_ nanoseconds: Int64) {
        #expect(TimeText(Timestamp(nanoseconds: nanoseconds)).iso8601.hasSuffix("Z"))
    }
}

struct FrameReferenceTests {
    @Test func `A frame keeps its file and its number`() {
        let frame = FrameReference(file: 2, number: 1_000_000_000_000)
        #expect(frame.file == 3)
        #expect(frame.number == 1_000_000_000_000)
        let following = FrameNumbering(before: [0, 10, 30])
        #expect(following.text(frame.rawValue) == "1000000000030")
        #expect(following.file(frame.rawValue) == nil)
        let overlapping = FrameNumbering(before: nil)
        #expect(overlapping.text(frame.rawValue) == "3:1000000000000")
    }
}

struct JSONObjectTests {
    @Test func `Text is escaped as RFC 8259 asks`() {
        var object = JSONObject()
        object.add("a", "\"\\\n\r\t\u{1}é")
        object.add("b", nil as String?)
        object.add("c", [] as [String])
        object.add("d", ["x", "y\""])
        object.add("e", nil as Int?)
        object.add("f", true)
        #expect(
            object.description
                == #"{"a":"\"\\\n\r\t\u0001é","b":null,"c":[],"d":["x","y\""],"e":null,"f":true}"#)
    }
}
