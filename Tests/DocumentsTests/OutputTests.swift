import Analysis
import Glibc
import Testing

@testable import Documents

@Suite struct OutputTests {
    init() { signal(SIGPIPE, SIG_IGN) }

    /// full(4): writing fails with ENOSPC.
    @Test func `a full disk is a failure`() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let output = Output(descriptor, name: "the device")
        output.write("text")
        #expect(!output.isClosed)
        output.flush()
        #expect(output.isClosed)
        #expect(output.hasFailed)
        #expect(throws: RunFailure.self) { try output.end() }
    }

    /// pipe(7): writing fails with EPIPE once nobody reads.
    @Test func `a reader that has gone away is none`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let output = Output(ends[1])
        output.write("text")
        try output.end()
        #expect(output.isClosed)
        #expect(!output.hasFailed)
    }

    @Test func `problems of the input fail a run whose output is whole`() throws {
        let descriptor = open("/dev/null", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(throws: RunFailure.self) { try Output(descriptor).end(["a.pcap: broken"]) }
        try Output(descriptor).end([])
    }
}
