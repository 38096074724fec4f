/// What becomes of a made-up connection.
enum Kind: String, CaseIterable {
    case closedByClient = "closed-by-client"
    /// The server's FIN acknowledges the client's.
    case closedByClientInThree = "closed-by-client-in-three"
    case closedByServer = "closed-by-server"
    case closedByServerInThree = "closed-by-server-in-three"
    /// Both FINs are under way at once.
    case closedByBoth = "closed-by-both"
    case resetByClient = "reset-by-client"
    case resetByServer = "reset-by-server"
    case refused = "refused"
    case unanswered = "unanswered"
    /// The server goes on for a while, and never closes.
    case halfClosedByClient = "half-closed-by-client"
    case halfClosedByServer = "half-closed-by-server"
    case stillOpen = "still-open"

    /// How many of a thousand connections of ordinary traffic are of this kind.
    var share: Int {
        switch self {
        case .closedByClient: 220
        case .closedByClientInThree: 190
        case .closedByServer: 220
        case .closedByServerInThree: 210
        case .closedByBoth: 40
        case .resetByClient, .resetByServer: 25
        case .refused: 20
        case .unanswered: 30
        case .halfClosedByClient: 7
        case .halfClosedByServer: 3
        case .stillOpen: 10
        }
    }

    /// What its ends send, in order.
    var steps: [Step] {
        let opening: [Step] = [.syn, .synAck, .acknowledgment(.client), .transfer]
        return switch self {
        case .closedByClient:
            opening + [
                .fin(.client), .acknowledgment(.server), .fin(.server), .acknowledgment(.client),
            ]
        case .closedByClientInThree:
            opening + [.fin(.client), .fin(.server), .acknowledgment(.client)]
        case .closedByServer:
            opening + [
                .fin(.server), .acknowledgment(.client), .fin(.client), .acknowledgment(.server),
            ]
        case .closedByServerInThree:
            opening + [.fin(.server), .fin(.client), .acknowledgment(.server)]
        case .closedByBoth:
            opening + [
                .fin(.client), .crossingFIN(.server), .acknowledgment(.server),
                .acknowledgment(.client),
            ]
        case .resetByClient: opening + [.reset(.client)]
        case .resetByServer: opening + [.reset(.server)]
        case .refused: [.syn, .reset(.server)]
        case .unanswered: [.syn, .repeatedSYN, .repeatedSYN, .repeatedSYN]
        case .halfClosedByClient:
            opening + [
                .fin(.client), .acknowledgment(.server), .data(.server), .acknowledgment(.client),
                .data(.server), .acknowledgment(.client),
            ]
        case .halfClosedByServer: opening + [.fin(.server), .acknowledgment(.client)]
        case .stillOpen: opening
        }
    }
}

/// Who sends.
enum Party: Int {
    case client, server

    var other: Party { self == .client ? .server : .client }
}

/// What is sent next in a connection: one segment, or all of the transfer.
enum Step {
    case syn
    /// The same once more, after seconds.
    case repeatedSYN
    case synAck
    case acknowledgment(Party)
    /// Data and their acknowledgments, in both directions.
    case transfer
    case data(Party)
    case fin(Party)
    /// A FIN that was sent before the other's arrived.
    case crossingFIN(Party)
    case reset(Party)
}
