import Analysis
import HTTPServer
import Live
import WebPage

/// Serves the page of a live run with SwiftNIO.
final class LivePage: PageServer {
    private let options: ServiceOptions
    private let address: ListenAddress
    private var access: AccessPolicy?
    private var server: HTTPServer?

    init(_ options: ServiceOptions, _ address: ListenAddress) {
        self.options = options
        self.address = address
    }

    func readSecrets() throws(RunFailure) { access = try options.access(address) }

    func start(_ application: LiveApplication) throws(RunFailure) -> String {
        do {
            let server = try HTTPServer(
                at: address, application, access: try access ?? options.access(address))
            self.server = server
            return "http://\(address.text(port: server.port))/"
        } catch {
            throw RunFailure("--listen \(options.listen ?? ""): \(error)")
        }
    }

    func close() { server?.close() }
}
