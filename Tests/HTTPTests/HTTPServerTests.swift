import Glibc
import HTTP
import HTTPServer
import Synchronization
import Testing

/// Answers with what it was asked.
private final class Echo: HTTPApplication {
    let asked = Atomic<Int>(0)
    let count = Atomic<UInt64>(0)
    var revision: UInt64 { count.load(ordering: .relaxed) }

    func respond(to request: HTTPRequest) -> HTTPResponse {
        asked.add(1, ordering: .relaxed)
        switch request.path {
        case "/": return HTTPResponse(contentType: "text/plain", text: "here\n")
        case "/large":
            return HTTPResponse(
                contentType: "text/plain", body: [UInt8](repeating: 0x2e, count: 64 << 20))
        case "/events": return .events
        default: return HTTPResponse(.notFound)
        }
    }
}

/// A server with a token, and what asks it.
private struct Fixture: ~Copyable {
    let application = Echo()
    let server: HTTPServer
    static let token = "correct-horse-battery"

    init(token: String? = nil, isLoopback: Bool = true, _ limits: HTTPLimits = HTTPLimits()) throws
    {
        server = try HTTPServer(
            at: ListenAddress("127.0.0.1:0")!, application,
            access: AccessPolicy(isLoopback: isLoopback, token: token, names: ["watch.example"]),
            limits: limits)
    }

    deinit { server.close() }

    func status(_ request: String) -> String {
        let answer = RawClient.answer(request, port: server.port)
        return String(answer.prefix { $0 != "\r\n" }.dropFirst("HTTP/1.1 ".count).prefix(3))
    }

    func get(_ target: String, _ headers: String = "") -> String {
        status("GET \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\(headers)\r\n")
    }
}

@Suite struct HTTPServerTests {
    @Test func `answers GET, and HEAD without a body`() throws {
        let fixture = try Fixture()
        let end = "Host: localhost:1\r\nConnection: close\r\n\r\n"
        let body = RawClient.answer("GET / HTTP/1.1\r\n" + end, port: fixture.server.port)
        #expect(body.hasPrefix("HTTP/1.1 200 OK\r\n") && body.hasSuffix("\r\n\r\nhere\n"))
        #expect(body.contains("frame-ancestors 'none'"))
        #expect(!body.lowercased().contains("access-control-allow"))
        let head = RawClient.answer("HEAD / HTTP/1.1\r\n" + end, port: fixture.server.port)
        #expect(head.contains("Content-Length: 5\r\n") && head.hasSuffix("\r\n\r\n"))
    }

    @Test func `two requests in one packet are answered in order`() throws {
        let fixture = try Fixture()
        let client = RawClient(port: fixture.server.port)
        client.send(
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                + "GET /no HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answers = client.read()
        #expect(answers.hasPrefix("HTTP/1.1 200") && answers.contains("\nHTTP/1.1 404"))
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH"])
    func `other methods are refused`(method: String) throws {
        let fixture = try Fixture()
        #expect(fixture.status("\(method) / HTTP/1.1\r\nHost: localhost\r\n\r\n") == "405")
        #expect(fixture.application.asked.load(ordering: .relaxed) == 0)
    }

    /// DNS rebinding: a page of another site asks under its own name.
    @Test(arguments: [
        ("localhost", "200"), ("LOCALHOST:80", "200"), ("127.0.0.1:9464", "200"),
        ("127.9.9.9", "200"), ("[::1]:9464", "200"), ("watch.example", "200"),
        ("evil.example", "421"), ("127.0.0.1.evil.example", "421"), ("localhost.evil", "421"),
        ("10.0.0.1", "421"), ("[::2]", "421"), ("localhost:99999", "421"), ("localhost:x", "421"),
        ("", "421"), ("127.0.0.1@evil.example", "421"), ("127.0.0", "421"),
    ])
    func `a request names this host`(host: String, status: String) throws {
        let fixture = try Fixture()
        #expect(
            fixture.status("GET / HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
                == status)
    }

    @Test func `one Host, no more and no less`() throws {
        let fixture = try Fixture()
        #expect(fixture.status("GET / HTTP/1.1\r\n\r\n") == "400")
        #expect(
            fixture.status("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n") == "400")
    }

    @Test(arguments: [
        ("", "401"), ("Authorization: Bearer correct-horse-battery\r\n", "200"),
        ("Authorization: bearer correct-horse-battery\r\n", "200"),
        ("Authorization: Bearer correct-horse-batterz\r\n", "401"),
        ("Authorization: Bearer correct-horse\r\n", "401"),
        ("Authorization: Bearer correct-horse-batterycorrect-horse-battery\r\n", "401"),
        ("Authorization: Bearer\r\n", "401"),
        // Of `me:correct-horse-battery`, by base64(1).
        ("Authorization: Basic bWU6Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5\r\n", "200"),
        ("Authorization: Basic bWU6Y29ycmVjdC1ob3JzZS1iYXR0ZXJ\r\n", "401"),
        ("Authorization: Basic Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5\r\n", "401"),
        ("Authorization: Digest correct-horse-battery\r\n", "401"),
    ])
    func `the token is asked for`(header: String, status: String) throws {
        let fixture = try Fixture(token: Fixture.token)
        #expect(fixture.get("/", header) == status)
        #expect(fixture.application.asked.load(ordering: .relaxed) == (status == "200" ? 1 : 0))
    }

    @Test(arguments: [
        "/../../etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd", "/./", "/%2e", "/%00",
        "/?a=%zz",
        "/\u{1}", "/events/../metrics",
    ])
    func `no path leads out`(target: String) throws {
        let fixture = try Fixture()
        #expect(["400", "404"].contains(fixture.get(target)))
    }

    @Test func `garbage is refused`() throws {
        let fixture = try Fixture()
        for text in ["\u{16}\u{3}\u{1}\u{2}\r\n\r\n", "nonsense\r\n\r\n", "GET\r\n\r\n"] {
            #expect(["400", ""].contains(fixture.status(text)))
        }
        #expect(fixture.get("/") == "200")
    }

    @Test func `a header without end is refused`() throws {
        let fixture = try Fixture()
        let client = RawClient(port: fixture.server.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        for _ in 0..<40 where !client.send(String(repeating: "a", count: 1000)) { break }
        #expect(client.read().hasPrefix("HTTP/1.1 431 "))
        // The same as many short lines, and as a body that nobody asked for.
        let lines = String(repeating: "X: y\r\n", count: 4000)
        #expect(["431", "400"].contains(fixture.get("/", lines)))
    }

    @Test func `who sends a request too slowly is left`() throws {
        var limits = HTTPLimits()
        limits.requestSeconds = 1
        let fixture = try Fixture(limits)
        let slow = RawClient(port: fixture.server.port)
        for letter in "GET / HTTP/1.1" {
            slow.send(String(letter))
            usleep(100_000)
        }
        #expect(slow.read().hasPrefix("HTTP/1.1 408 "))
        let silent = RawClient(port: fixture.server.port)
        #expect(silent.read() == "")
    }

    @Test func `who does not take its answer is left`() throws {
        var limits = HTTPLimits()
        limits.responseSeconds = 1
        let fixture = try Fixture(limits)
        let client = RawClient(port: fixture.server.port)
        client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        sleep(3)
        #expect(client.read().utf8.count < 64 << 20)
        #expect(fixture.get("/") == "200")
    }

    @Test func `connections beyond the limit are told so, and the limit holds`() throws {
        var limits = HTTPLimits()
        (limits.connections, limits.requestSeconds) = (4, 60)
        let fixture = try Fixture(limits)
        let held = (0..<4).map { _ in RawClient(port: fixture.server.port) }
        // They are there once one of them has been answered.
        held[3].send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(held[3].read(atMost: 20).hasPrefix("HTTP/1.1 200"))
        #expect(fixture.get("/") == "503")
        for _ in 0..<200 { _ = RawClient(port: fixture.server.port) }
        held[0].send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(held[0].read(atMost: 20).hasPrefix("HTTP/1.1 200"))
    }

    @Test func `an event for each revision, for as many clients as are taken`() throws {
        var limits = HTTPLimits()
        (limits.eventStreams, limits.eventMilliseconds) = (1, 20)
        let fixture = try Fixture(limits)
        let client = RawClient(port: fixture.server.port)
        client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        var text = client.read(atMost: 1)
        while !text.contains("data: 0\n\n") { text += client.read(atMost: 1) }
        #expect(text.contains("text/event-stream"))
        #expect(fixture.get("/events") == "503")
        fixture.application.count.store(7, ordering: .relaxed)
        text = ""
        while !text.contains("\n\n") { text += client.read(atMost: 1) }
        #expect(text.contains("event: change\ndata: 7\n\n"))
    }
}
