import Foundation
import TestKit
import Testing
import Wire

/// A file that somebody is still writing.
struct FollowTests {
    /// Writes a capture in two parts, the second one when the first one's results are out, then ends the
    /// command with a signal.
    private static func follow(_ command: String) throws -> Tool.Outcome {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let talk = Conversation(incident: ())
        talk.open()
        let first = talk.pcap
        talk.client.fin()
        talk.server.ack()
        let second = talk.pcap.dropFirst(first.count)
        try Data(first).write(to: folder.appendingPathComponent("first"))
        try Data(second).write(to: folder.appendingPathComponent("second"))
        return try Tool.bash(
            """
            cd '\(folder.path)'
            cp first growing
            # Waits until the command has read the whole file, then for what it does with it.
            read_all() {
                for try in {1..200}; do
                    grep -qs "^pos:[[:space:]]*$(stat -c %s growing)$" /proc/$process/fdinfo/* && break
                    sleep 0.1
                done
                sleep 0.5
            }
            "$WIRESTATE" \(command) --follow growing >out & process=$!
            read_all
            cat second >>growing
            read_all
            for try in {1..100}; do
                [[ '\(command)' == transitions* ]] || break
                grep -q CLOSE_WAIT out && break
                sleep 0.1
            done
            grep -c CLOSE_WAIT out >before
            kill -INT $process
            wait $process
            code=$?
            echo "before: $(cat before)"
            cat out
            exit $code
            """)
    }

    @Test func `The report comes when the command is interrupted`() throws {
        let outcome = try Self.follow("report")
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.lines.first == "before: 0")
        #expect(outcome.output.contains("5 frames: 5 TCP"))
        #expect(outcome.output.contains("FIN_WAIT2"))
    }

    @Test func `Transitions come while the file grows`() throws {
        let outcome = try Self.follow("transitions")
        #expect(outcome.code == 0)
        #expect(outcome.lines.first != "before: 0")
        #expect(outcome.output.contains("ESTABLISHED → CLOSE_WAIT"))
    }
}
