import ArgumentParser
import Glibc
import HTTPServer
import POSIX

/// The flags of the commands that serve a page.
struct ServiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address and port to listen on, such as 127.0.0.1:9464 or [::1]:9464. Beyond loopback, --token-file is required.",
            valueName: "address:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp(
            """
            File with the token that clients must send: as "Authorization: Bearer", or as the password in a \
            browser.
            """, valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Host name that a proxy in front uses in its requests; repeatable. Other names are refused.",
            valueName: "name"))
    var serverName: [String] = []

    /// The shortest token that is taken.
    private static let shortest = 16

    /// The address of `--listen`; nil without it.
    var address: ListenAddress? { listen.flatMap { ListenAddress($0) } }

    mutating func validate() throws {
        if let listen {
            guard let address else {
                throw ValidationError(
                    "--listen '\(listen)' is not an address and port, such as 127.0.0.1:9464.")
            }
            if !address.isLoopback, tokenFile == nil {
                throw ValidationError(
                    "--listen \(listen) can be reached from other hosts: add --token-file.")
            }
        } else if tokenFile != nil || !serverName.isEmpty {
            throw ValidationError("--token-file and --server-name need --listen.")
        }
    }

    /// Who may ask. Reads the token: to be called before rights are given up.
    func access(_ address: ListenAddress) throws(CommandFailure) -> AccessPolicy {
        AccessPolicy(
            isLoopback: address.isLoopback, token: try token(),
            names: Set(serverName.map { $0.lowercased() }))
    }

    private func token() throws(CommandFailure) -> String? {
        guard let tokenFile else { return nil }
        func fail(_ reason: String) -> CommandFailure {
            CommandFailure(lines: ["\(tokenFile): \(reason)"])
        }
        let descriptor = unsafe open(tokenFile, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw fail(systemText(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw fail("is not a regular file")
        }
        guard status.st_mode & 0o007 == 0 else {
            throw fail("is readable by everyone: chmod o-rwx")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
        guard count >= 0 else { throw fail(systemText(errno)) }
        let line = bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }
        let isPlain = line.allSatisfy { (0x21...0x7e).contains($0) }
        guard isPlain, line.count >= ServiceOptions.shortest else {
            throw fail(
                "the first line is not a token: \(ServiceOptions.shortest) or more printable characters without spaces"
            )
        }
        return String(decoding: line, as: UTF8.self)
    }
}
