internal import HTTP
internal import NIOCore

/// The first handler of a connection: limits how long it may be silent and how much it may send for one request.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limits: HTTPLimits
    private var bytes = 0
    private var deadline: Scheduled<Void>?
    /// Whether it is being refused: what it still sends is thrown away.
    private var isRefused = false

    init(_ limits: HTTPLimits) { self.limits = limits }

    func channelActive(context: ChannelHandlerContext) {
        expectRequest(context: context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
        if isRefused {
            // It goes on sending: it has had its answer, if it wants one.
            if bytes > 4 * limits.requestBytes { context.close(promise: nil) }
        } else if bytes > limits.requestBytes {
            refuse(.headerFieldsTooLarge, context: context)
        } else {
            context.fireChannelRead(data)
        }
    }

    /// A request may come from now on.
    func expectRequest(context: ChannelHandlerContext) {
        bytes = 0
        close(context: context, in: .seconds(limits.requestSeconds)) { [self] in
            if bytes > 0 { refuse(.requestTimeout, context: context) }
            return bytes > 0
        }
    }

    /// An answer is on its way, which the client has to take.
    func expectTaking(context: ChannelHandlerContext) {
        close(context: context, in: .seconds(limits.responseSeconds)) { false }
    }

    /// Closes the connection after a time, unless `instead` does something else.
    private func close(
        context: ChannelHandlerContext, in time: TimeAmount, instead: @escaping () -> Bool
    ) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            if !instead() { context.close(promise: nil) }
        }
    }

    /// Answers without a look at the request, and closes once the client has had a moment to read that: a socket that is
    /// closed with octets unread resets the connection.
    func refuse(_ status: HTTPResponse.Status, context: ChannelHandlerContext) {
        isRefused = true
        let text = "\(status.rawValue) \(status.phrase)\n"
        let head =
            "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\nContent-Length: \(text.utf8.count)\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(
            wrapOutboundOut(context.channel.allocator.buffer(string: head + text)), promise: nil)
        context.close(mode: .output, promise: nil)
        close(context: context, in: .seconds(1)) { false }
    }
}
