import HTTP
import HTTPServer
import Testing

@Suite struct AddressTests {
    @Test func `an address to listen on has a port and is no name`() {
        #expect(ListenAddress("127.0.0.1:9464")?.port == 9464)
        #expect(ListenAddress("[::1]:0")?.host == "::1")
        #expect(ListenAddress("localhost:80")?.isLoopback == true)
        #expect(ListenAddress("0.0.0.0:80")?.isLoopback == false)
        #expect(ListenAddress("[::]:80")?.isLoopback == false)
        for text in ["9464", "127.0.0.1", "::1:80", "example.org:80", "127.0.0.1:65536", ":80", ""]
        {
            #expect(ListenAddress(text) == nil, "\(text)")
        }
    }

    @Test func `a query is decoded, a path is not`() throws {
        let request = try #require(
            HTTPRequest(target: "/a%20b?q=%C3%A4+x&at=1%2B1&q=2&flag", accept: ""))
        #expect(request.path == "/a%20b")
        #expect(request.query == ["q": "ä x", "at": "1+1", "flag": ""])
        for target in ["/?a=%f", "/?a=%g0", "/?a=%ff", "http://h/", "*", ""] {
            #expect(HTTPRequest(target: target, accept: "") == nil, "\(target)")
        }
    }
}
