internal import HTTP

/// The files of the page, by their paths.
enum PageFiles {
    static let html = "text/html; charset=utf-8"

    static func response(to path: String) -> HTTPResponse? {
        switch path {
        case "/page.css":
            HTTPResponse(contentType: "text/css; charset=utf-8", text: PageAssets.style)
        case "/page.js":
            HTTPResponse(contentType: "text/javascript; charset=utf-8", text: PageAssets.script)
        case "/icon.svg", "/favicon.ico":
            HTTPResponse(contentType: "image/svg+xml", text: PageAssets.icon)
        default: nil
        }
    }
}
