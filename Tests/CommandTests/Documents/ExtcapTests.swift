import Foundation
import Testing

/// `extcap`: what Wireshark asks a capture program, and the capture that it reads. See extcap(4).
struct ExtcapTests {
    static let wrapper = Tool.package.appendingPathComponent("Scripts/wireshark/wirestate-extcap")
        .path

    /// The sentences of a reply: the word, and its fields in braces.
    private func sentences(_ text: String) -> [(word: String, fields: [String: String])] {
        text.split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            var fields: [String: String] = [:]
            for field in parts[1].split(whereSeparator: { "{}".contains($0) }) {
                let pair = field.split(separator: "=", maxSplits: 1).map(String.init)
                fields[pair[0]] = pair.count > 1 ? pair[1] : ""
            }
            return (String(parts[0]), fields)
        }
    }

    @Test func `the wrapper lists interfaces, link types and options`() throws {
        let run = { (arguments: [String]) in
            try Tool.run(
                ExtcapTests.wrapper, arguments, environment: ["WIRESTATE": Tool.path])
        }
        let interfaces = try run(["--extcap-interfaces", "--extcap-version=4.0"])
        #expect(interfaces.code == 0)
        #expect(sentences(interfaces.output).first?.word == "extcap")
        let linkType = sentences(
            try run(["--extcap-interface", "wirestate:lo", "--extcap-dlts"]).output)
        #expect(linkType.map(\.word) == ["dlt"])
        // LINKTYPE_ETHERNET, as the loopback interface of Linux has it.
        #expect(linkType.first?.fields["number"] == "1")
        #expect(linkType.first?.fields["name"] == "EN10MB")
        let options = sentences(
            try run(["--extcap-interface", "wirestate:lo", "--extcap-config"]).output)
        let calls = options.filter { $0.word == "arg" }.compactMap { $0.fields["call"] }
        #expect(calls == ["--threshold", "--states"])
        // Wireshark passes each option with its default.
        let wrong = try run(["--extcap-interface", "wirestate:lo", "--capture"])
        #expect(wrong.code == 2)
    }

    @Test(.enabled(if: geteuid() == 0, "skipped: extcap on the loopback interface: it needs root"))
    func `tshark reads packets of the pipe, with states as comments`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = """
            import os, signal, socket, subprocess, sys, threading, time
            tool, folder = sys.argv[1:3]
            fifo, capture = folder + "/fifo", folder + "/out.pcapng"
            listener = socket.create_server(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            os.mkfifo(fifo)
            with open(capture, "wb") as out:
                reader = subprocess.Popen(["cat", fifo], stdout=out)
            extcap = subprocess.Popen([tool, "extcap", "--capture", "--extcap-interface", "wirestate:lo",
                "--extcap-capture-filter", f"tcp port {port}", "--fifo", fifo, "--threshold", "close-wait=60s"])
            # The section header says that it captures.
            while os.path.getsize(capture) == 0: time.sleep(0.05)
            client = socket.create_connection(("127.0.0.1", port))
            server = listener.accept()[0]
            client.close()
            server.recv(1)
            time.sleep(0.3)
            server.close()
            time.sleep(0.7)
            extcap.send_signal(signal.SIGTERM)
            print(extcap.wait(20), reader.wait(20), port)
            """
        let outcome = try Tool.run(
            "/usr/bin/env", ["python3", "-c", script, Tool.path, folder.path])
        let words = outcome.output.split { $0 == " " || $0 == "\n" }
        try #require(words.count == 3, "\(outcome.errors)")
        #expect(words[..<2] == ["0", "0"])
        let shown = try Tool.run(
            "/usr/bin/tshark",
            [
                "-r", folder.appendingPathComponent("out.pcapng").path, "-T", "fields", "-e",
                "tcp.flags.fin", "-e", "tcp.srcport", "-e", "frame.comment",
            ])
        let rows = shown.output.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        let fins = rows.filter { $0[0] == "1" }
        // RFC 9293, figure 12: the client closes first.
        let first = try #require(fins.first)
        #expect(first[1] != String(words[2]))
        #expect(first[2].contains("client ESTABLISHED → FIN_WAIT1"))
        #expect(fins.last?[2].contains("server CLOSE_WAIT → LAST_ACK") == true)
        #expect(rows.first?[2].contains("client CLOSE → SYN_SENT") == true)
    }
}
