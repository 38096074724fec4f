import HTTP
import Host
import Monitoring
import Wire

/// Answers from the latest snapshot of a live run.
struct LiveApplication: HTTPApplication {
    let board: SnapshotBoard
    let metrics: LiveMetrics

    var revision: UInt64 { board.revision }

    func respond(to request: HTTPRequest) -> HTTPResponse {
        let snapshot = board.snapshot
        switch request.path {
        case "/metrics":
            let dialect = Exposition.Dialect(accept: request.accept)
            return HTTPResponse(
                contentType: dialect.contentType, text: metrics.text(snapshot, dialect))
        case "/healthz":
            let complaint = snapshot.complaint(at: Timestamp.now)
            return HTTPResponse(
                complaint == nil ? .ok : .serviceUnavailable,
                contentType: "text/plain; charset=utf-8", text: (complaint ?? "ok") + "\n")
        case "/events": return .events
        default: return HTTPResponse(.notFound)
        }
    }
}
