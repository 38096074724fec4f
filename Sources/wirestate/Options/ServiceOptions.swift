import Analysis
import ArgumentParser
import HTTPServer
import Live

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

    /// What serves the page of a live run; nil without an address.
    func page() -> LivePage? { address.map { LivePage(self, $0) } }

    /// Who may ask. Reads the token: to be called before rights are given up.
    func access(_ address: ListenAddress) throws(RunFailure) -> AccessPolicy {
        var token: String?
        if let tokenFile {
            do { token = try AccessToken(file: tokenFile).text } catch {
                throw RunFailure("\(tokenFile): \(error.reason)")
            }
        }
        return AccessPolicy(
            isLoopback: address.isLoopback, token: token,
            names: Set(serverName.map { $0.lowercased() }))
    }
}
