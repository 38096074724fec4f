public import HTTP
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import POSIX

/// An HTTP/1.1 server for a browser and a scraper: GET and HEAD, on one thread, within limits.
///
/// The thread begins with the server. A caller that forks, or gives up rights that belong to a thread, does so before.
public final class HTTPServer: Sendable {
    struct Settings: Sendable {
        let application: any HTTPApplication
        let access: AccessPolicy
        let limits: HTTPLimits
        /// Where requests are answered; nil for the server's own thread.
        let pool: NIOThreadPool?
    }

    /// Why it does not listen.
    public struct Failure: Error, CustomStringConvertible {
        /// In words, as the system has it.
        public let description: String
    }

    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let pool: NIOThreadPool?
    /// The port that it listens on.
    public let port: UInt16

    /// Listens.
    ///
    /// - Parameter takesTime: whether the application may take long to answer: it is asked on a second thread then, one
    ///   request at a time, while the first one watches over the connections.
    public init(
        at address: ListenAddress, _ application: some HTTPApplication, access: AccessPolicy,
        limits: HTTPLimits = HTTPLimits(), takesTime: Bool = false
    ) throws(Failure) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        pool = takesTime ? NIOThreadPool(numberOfThreads: 1) : nil
        pool?.start()
        let settings = Settings(
            application: application, access: access, limits: limits, pool: pool)
        let load = ServerLoad()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try HTTPServer.prepare(channel, settings, load)
                }
            }
        do {
            channel = try bootstrap.bind(host: address.host, port: Int(address.port)).wait()
        } catch {
            try? group.syncShutdownGracefully()
            let code = (error as? IOError)?.errnoCode
            throw Failure(
                description: code.map { SystemError(code: $0).reason } ?? "\(error)")
        }
        port = UInt16(channel.localAddress?.port ?? 0)
    }

    /// Builds the pipeline of a new connection.
    private static func prepare(
        _ channel: any Channel, _ settings: Settings, _ load: ServerLoad
    ) throws {
        let admission = load.beginConnection(settings.limits)
        channel.closeFuture.whenComplete { _ in load.endConnection() }
        let pipeline = channel.pipeline.syncOperations
        guard admission == .served else {
            try pipeline.addHandler(Refusal(isSaid: admission == .refused))
            return
        }
        let connection = ConnectionGuard(settings.limits)
        try pipeline.addHandler(connection)
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: true, withErrorHandling: true)
        let context = try pipeline.context(handler: connection)
        try pipeline.addHandler(RequestHandler(settings, load, connection, context))
    }

    /// Ends all connections and the threads.
    public func close() {
        try? channel.close().wait()
        try? group.syncShutdownGracefully()
        try? pool?.syncShutdownGracefully()
    }
}

/// For a connection that is one too many: says so, and closes.
private final class Refusal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let isSaid: Bool

    init(isSaid: Bool) { self.isSaid = isSaid }

    func channelActive(context: ChannelHandlerContext) {
        guard isSaid else {
            context.close(promise: nil)
            return
        }
        let text =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(
            wrapOutboundOut(context.channel.allocator.buffer(string: text)), promise: nil)
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(500)) {
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
