internal import Hashing
internal import Reports

/// A whole HTML file: readable without a script, better with it; no request leaves it.
///
/// All that a capture, a file name or a process chose goes through ``Markup``'s escaping; a content security policy
/// forbids everything but the style sheet and the script of this file, by their hashes.
struct HTMLDocument {
    let title: String
    /// The body, a line each.
    let parts: [Markup]

    /// Writes the file.
    func write(to sink: inout some Sink & ~Copyable) {
        let style = WebAssets.style
        let script = WebAssets.script
        let policy =
            "default-src 'none'; style-src '\(ContentHash.sha256(style))';"
            + " script-src '\(ContentHash.sha256(script))'; base-uri 'none'; form-action 'none'"
        var head = open("meta", ["charset": "utf-8"])
        head += open("meta", ["http-equiv": "Content-Security-Policy", "content": policy])
        head += open(
            "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        head += open("meta", ["name": "color-scheme", "content": "light dark"])
        head += tag("title", title)
        head += tag("style", [:], Markup(raw: style))
        sink.write("<!doctype html>\n<html lang=\"en\"><head>" + head.text + "</head>\n<body>\n")
        for part in parts { sink.write(part.text + "\n") }
        sink.write(tag("script", [:], Markup(raw: script)).text + "\n</body></html>\n")
    }
}
