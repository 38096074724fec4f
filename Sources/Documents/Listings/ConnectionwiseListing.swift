public import Analysis
public import Reports
internal import TCPState
internal import Tracking
internal import Wire

/// Lists changes of state connection by connection, each connection's when it ends.
public struct ConnectionwiseListing {
    private let listing: HistoryListing
    private let isNear: @Sendable (ConnectionRecord, Side) -> Bool
    private let style: DocumentStyle

    /// - Parameter filter: which connections are listed.
    public init(_ filter: ConnectionFilter, _ analysis: CaptureAnalysis, _ style: DocumentStyle) {
        listing = HistoryListing(filter, analysis)
        isNear = analysis.options.isNear
        self.style = style
    }

    /// Writes the list.
    public func list(as format: TransitionsFormat) throws {
        let (style, isNear, spelling) = (style, isNear, style.spelling)
        switch format {
        case .json:
            try listing.listLines { history, frames, sink in
                var format = JSONTransitions(style.json(frames))
                for row in history.rows(isNear: isNear) { format.write(row, to: &sink) }
            }
        case .text:
            try list {
                ASCIIText(
                    TextTransitions(spelling: spelling, frames: $0, layout: style.layout),
                    style.layout)
            }
        case .zeek, .zeekJSON:
            try list {
                ZeekTransitions(isJSON: format == .zeekJSON, spelling: spelling, frames: $0)
            }
        }
    }

    private func list<F: Format<TransitionRow>>(as make: @escaping (FrameNumbering) -> F) throws {
        let isNear = isNear
        try listing.list(as: make) { Array($0.rows(isNear: isNear)) }
    }
}
