import TCPState
import TestKit
import Testing

/// What the ends of a connection go through until it is open. RFC 9293, figure 5.
enum Opening {
    static let active: [State] = [.closed, .synSent, .established]
    static let passive: [State] = [.listen, .synReceived, .established]
}

/// Expects that the ends of one connection went through these states, and each one's in one line.
func expectPaths(
    _ client: [State], _ server: [State],
    sourceLocation: SourceLocation = #_sourceLocation, _ speak: (Conversation) -> Void
) {
    let talk = Conversation()
    speak(talk)
    let observed = Observed(talk)
    #expect(observed.paths(.low) == [client], sourceLocation: sourceLocation)
    #expect(observed.paths(.high) == [server], sourceLocation: sourceLocation)
    #expect(observed.isContinuous, sourceLocation: sourceLocation)
}

/// Expects that each end's history ends in the state that its connection has, and as sure as that.
func expectBooksToAgree(
    _ talk: Conversation, sourceLocation: SourceLocation = #_sourceLocation
) {
    let observed = Observed(talk)
    #expect(observed.isContinuous, sourceLocation: sourceLocation)
    for side in TCPState.Side.allCases {
        let lives = observed.lives(side)
        let ends = observed.connections.map { $0[side] }
        #expect(lives.map(\.path.last) == ends.map(\.state), sourceLocation: sourceLocation)
        #expect(lives.map(\.last?.grade) == ends.map(\.grade), sourceLocation: sourceLocation)
    }
}
