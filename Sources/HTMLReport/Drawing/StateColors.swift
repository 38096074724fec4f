package import TCPState

extension State {
    /// The class that gives a state its colour in the style sheet.
    package var colorClass: String { "s-" + name(.otel).replacing("_", with: "-") }

    /// From the bottom of a stack to its top: what should be there first, what should not last.
    package static let stackingOrder: [State] = [
        .established, .timeWait, .synSent, .synReceived, .finWait1, .closing, .lastAck, .finWait2,
        .closeWait,
    ]
}
