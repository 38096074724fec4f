internal import HTTP
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The last handler of a connection: one request after the other, each answered before the next is read.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let application: any HTTPApplication
    private let access: AccessPolicy
    private let limits: HTTPLimits
    private let load: ServerLoad
    private let pool: NIOThreadPool?
    private let connection: ConnectionGuard
    private let guardContext: ChannelHandlerContext
    private var head: HTTPRequestHead?
    private var events: Scheduled<Void>?

    init(
        _ server: HTTPServer.Settings, _ load: ServerLoad, _ connection: ConnectionGuard,
        _ guardContext: ChannelHandlerContext
    ) {
        application = server.application
        access = server.access
        limits = server.limits
        pool = server.pool
        self.load = load
        self.connection = connection
        self.guardContext = guardContext
    }

    func channelInactive(context: ChannelHandlerContext) {
        if events != nil { load.endStream() }
        events?.cancel()
        events = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            connection.expectTaking(context: guardContext)
            answer(head, context: context)
        }
    }

    private func answer(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        if let refusal = refusal(of: head) {
            write(HTTPResponse(refusal), to: head, context: context)
            return
        }
        let accept = head.headers["Accept"].joined(separator: ", ")
        guard let request = HTTPRequest(target: head.uri, accept: accept) else {
            write(HTTPResponse(.badRequest), to: head, context: context)
            return
        }
        guard let pool else {
            write(application.respond(to: request), to: head, context: context)
            return
        }
        let application = application
        pool.runIfActive(eventLoop: context.eventLoop) { application.respond(to: request) }
            .assumeIsolated().whenComplete { [self] result in
                switch result {
                case .success(let response): write(response, to: head, context: context)
                case .failure: context.close(promise: nil)
                }
            }
    }

    /// Why a request is not answered; nil if it is.
    private func refusal(of head: HTTPRequestHead) -> HTTPResponse.Status? {
        let hosts = head.headers["Host"]
        guard hosts.count == 1 else { return .badRequest }
        guard access.accepts(host: hosts[0]) else { return .misdirectedRequest }
        guard access.accepts(authorization: head.headers["Authorization"].first) else {
            return .unauthorized
        }
        return head.method == .GET || head.method == .HEAD ? nil : .methodNotAllowed
    }

    private func write(
        _ response: HTTPResponse, to head: HTTPRequestHead, context: ChannelHandlerContext
    ) {
        switch response.body {
        case .bytes(let body):
            write(response, body, to: head, context: context)
        case .events where head.method == .HEAD:
            write(HTTPResponse(.methodNotAllowed), to: head, context: context)
        case .events:
            guard load.beginStream(limits) else {
                write(HTTPResponse(.serviceUnavailable), to: head, context: context)
                return
            }
            stream(response, to: head, context: context)
        }
    }

    private func write(
        _ response: HTTPResponse, _ body: [UInt8], to head: HTTPRequestHead,
        context: ChannelHandlerContext
    ) {
        var headers = RequestHandler.headers(response)
        headers.add(name: "Content-Length", value: String(body.count))
        let staysOpen = head.isKeepAlive && response.status == .ok
        headers.add(name: "Connection", value: staysOpen ? "keep-alive" : "close")
        write(response.status, headers, context: context)
        if head.method != .HEAD {
            let buffer = context.channel.allocator.buffer(bytes: body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        let done = context.eventLoop.makePromise(of: Void.self)
        done.futureResult.assumeIsolated().whenComplete { [self] result in
            guard case .success = result, staysOpen else {
                // The client may still be reading: it closes, or the deadline does.
                context.close(mode: .output, promise: nil)
                return
            }
            connection.expectRequest(context: guardContext)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
    }

    /// Sends an event for each revision. A client that does not read gets none, and is left after a time.
    private func stream(
        _ response: HTTPResponse, to head: HTTPRequestHead, context: ChannelHandlerContext
    ) {
        write(response.status, RequestHandler.headers(response), context: context)
        send("retry: 2000\n" + RequestHandler.event(application.revision), context: context)
        watch(after: application.revision, silent: 0, context: context)
    }

    private static func event(_ revision: UInt64) -> String {
        "event: change\ndata: \(revision)\n\n"
    }

    /// Looks for a new revision, and again after a pause.
    ///
    /// - Parameters:
    ///   - sent: the revision that the client knows.
    ///   - silent: milliseconds since it was told anything.
    private func watch(after sent: UInt64, silent: Int64, context: ChannelHandlerContext) {
        let pause = limits.eventMilliseconds
        events = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(pause)) {
            [self] in
            let revision = application.revision
            if !context.channel.isWritable {
                watch(after: sent, silent: silent + pause, context: context)
            } else if revision != sent {
                send(RequestHandler.event(revision), context: context)
                watch(after: revision, silent: 0, context: context)
            } else if silent >= 5_000 {
                send(": nothing new\n\n", context: context)
                watch(after: sent, silent: 0, context: context)
            } else {
                watch(after: sent, silent: silent + pause, context: context)
            }
        }
    }

    private func send(_ text: String, context: ChannelHandlerContext) {
        let buffer = context.channel.allocator.buffer(string: text)
        let done = context.eventLoop.makePromise(of: Void.self)
        done.futureResult.assumeIsolated().whenSuccess { [self] in
            connection.expectTaking(context: guardContext)
        }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: done)
    }

    private func write(
        _ status: HTTPResponse.Status, _ headers: HTTPHeaders, context: ChannelHandlerContext
    ) {
        let head = HTTPResponseHead(
            version: .http1_1,
            status: .custom(code: UInt(status.rawValue), reasonPhrase: status.phrase),
            headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    /// What every answer carries: a page may load from this server alone, nobody may frame it or read it from elsewhere.
    private static func headers(_ response: HTTPResponse) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "Content-Type": response.contentType,
            "Cache-Control": "no-store",
            "Content-Security-Policy":
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
        ]
        switch response.status {
        case .unauthorized:
            headers.add(name: "WWW-Authenticate", value: "Bearer")
            headers.add(name: "WWW-Authenticate", value: "Basic realm=\"wirestate\"")
        case .methodNotAllowed: headers.add(name: "Allow", value: "GET, HEAD")
        case .serviceUnavailable: headers.add(name: "Retry-After", value: "1")
        default: break
        }
        return headers
    }
}
