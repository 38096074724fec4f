import Glibc

/// A TCP connection that sends what it is told, well-formed or not.
final class RawClient {
    let descriptor: Int32

    init(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends text; false where the peer takes no more.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            == bytes.count
    }

    /// Reads until the peer closes, or until there are `count` bytes.
    func read(atMost count: Int = .max) -> String {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while all.count < count {
            let length = recv(descriptor, &chunk, chunk.count, 0)
            guard length > 0 else { break }
            all += chunk[..<length]
        }
        return String(decoding: all, as: UTF8.self)
    }

    /// What a request is answered, to the end of the connection.
    static func answer(_ request: String, port: UInt16) -> String {
        let client = RawClient(port: port)
        client.send(request)
        return client.read()
    }
}
