import Testing

/// Contract 3: the same input gives the same output, whatever the number of threads.
struct ThreadsTests {
    @Test(arguments: Tool.captures, ["report", "connections", "transitions"])
    func `Three threads print what one prints`(_ capture: String, _ command: String) throws {
        let path = Tool.capture(capture)
        for format in [[], ["--json"]] {
            let arguments = [command, path] + format
            let one = try Tool.run(Tool.path, arguments + ["--threads", "1"])
            let three = try Tool.run(Tool.path, arguments + ["--threads", "3"])
            #expect(one.output == three.output)
            #expect(one.errors == three.errors)
            #expect(one.code == three.code)
        }
    }
}
