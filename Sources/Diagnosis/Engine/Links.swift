internal import TCPState
internal import Wire

/// Connections that may be halves of one that a translator has torn apart: a SYN that nobody answers and an
/// answer to a SYN that nobody sent; a connection that waits for a FIN, and a FIN out of the blue. They are kept
/// with what else they would be until all are known.
///
/// At most 4,096, each with one connection and its findings: some 6 MB. Of more only a share is kept, chosen by
/// the numbers that both halves have: then both are, or neither, whatever order they come in.
struct Links: Sendable {
    static let limit = 4_096

    /// What a half lacks.
    enum Kind: Sendable {
        /// A SYN without an answer.
        case asked
        /// A SYN,ACK without a SYN.
        case answer
        /// A connection that goes on, or waits.
        case waiting
        /// A few segments of no known connection, answered by RST.
        case stray
    }

    /// One of them.
    struct Half: Sendable {
        let kind: Kind
        let client: Address
        let clientPort: UInt16
        let service: Service
        /// The numbers that both halves share: the client's next and the server's, as known.
        let clientNumber: UInt32
        let serverNumber: UInt32
        /// What it is, unless it is linked.
        var groups: [FindingGroup]

        /// Of the numbers that both halves have.
        fileprivate var hash: UInt64 {
            var hash = UInt64(clientNumber) << 32 | UInt64(serverNumber)
            hash = (hash ^ UInt64(service.port)) &* 0x9e37_79b9_7f4a_7c15
            hash = (hash ^ hash >> 32) &* 0xd6e8_feb8_6659_fd93
            return hash ^ hash >> 32
        }
    }

    private(set) var halves: [Half] = []
    /// So many low bits of a half's hash have to be 0 for it to be kept.
    private var level = 0

    /// Keeps a half. Returns those that are not kept any more, or it.
    mutating func add(_ half: Half) -> [Half] {
        guard half.hash.trailingZeroBitCount >= level else { return [half] }
        halves.append(half)
        return thinned()
    }

    /// Adds what another one kept; returns those that are not kept any more.
    mutating func add(_ other: Links, _ renumbered: (FindingGroup) -> FindingGroup) -> [Half] {
        level = max(level, other.level)
        for var half in other.halves {
            half.groups = half.groups.map(renumbered)
            halves.append(half)
        }
        return thinned()
    }

    private mutating func thinned() -> [Half] {
        var dropped: [Half] = []
        while halves.count > Links.limit || dropped.isEmpty && halves.contains(where: isBelow) {
            if halves.count > Links.limit, !halves.contains(where: isBelow) { level += 1 }
            dropped += halves.filter(isBelow)
            halves.removeAll(where: isBelow)
        }
        return dropped
    }

    private func isBelow(_ half: Half) -> Bool { half.hash.trailingZeroBitCount < level }

    /// The stories of halves that fit, and the halves that are left. O(n).
    func judged() -> (linked: [FindingGroup], rest: [Half]) {
        struct Numbers: Hashable {
            let client: UInt32
            let server: UInt32
            let port: UInt16
        }
        var answers: [Numbers: Half] = [:]
        var strays: [Numbers: Half] = [:]
        for half in halves {
            let numbers = Numbers(
                client: half.clientNumber,
                server: half.kind == .answer ? UInt32(half.clientPort) : half.serverNumber,
                port: half.service.port)
            switch half.kind {
            case .answer: answers[numbers] = half
            case .stray: strays[numbers] = half
            case .asked, .waiting: break
            }
        }
        var taken: Set<Numbers> = []
        var linked: [FindingGroup] = []
        var rest: [Half] = []
        for half in halves where half.kind == .asked || half.kind == .waiting {
            let isAsked = half.kind == .asked
            let numbers = Numbers(
                client: half.clientNumber,
                server: isAsked ? UInt32(half.clientPort) : half.serverNumber,
                port: half.service.port)
            let other = isAsked ? answers[numbers] : strays[numbers]
            guard let other, let group = half.groups.first,
                isAsked
                    ? other.client == half.client && other.service.address != half.service.address
                    : other.service == half.service
                        && (other.client != half.client || other.clientPort != half.clientPort)
            else {
                rest.append(half)
                continue
            }
            taken.insert(numbers)
            let name =
                isAsked
                ? other.service.address.text(port: other.service.port)
                : other.client.text(port: other.clientPort)
            linked.append(group.linked(to: name, isAsked: isAsked))
        }
        for half in halves where half.kind == .answer || half.kind == .stray {
            let numbers = Numbers(
                client: half.clientNumber,
                server: half.kind == .answer ? UInt32(half.clientPort) : half.serverNumber,
                port: half.service.port)
            if !taken.contains(numbers) { rest.append(half) }
        }
        return (linked, rest)
    }
}

extension FindingGroup {
    /// The same as one story with its other half.
    fileprivate func linked(to name: String, isAsked: Bool) -> FindingGroup {
        var group = self
        group.key = Key(
            diagnosis: .natBypassed, service: key.service, end: isAsked ? .server : .client,
            fault: .middlebox)
        group.forms = SmallCounter(isAsked ? .usual : .past, count)
        group.worst = .warning
        group.grade = .proved
        group.settled = count
        group.link = name
        return group
    }
}

extension Links.Half {
    /// A connection as a half; nil if it is whole, or shows nothing that another could have.
    init?(
        _ record: borrowing @_addressable ConnectionRecord, _ service: Service,
        _ groups: [FindingGroup]
    ) {
        let record = copy record
        let connection = record.connection
        let client = connection.client
        let server = connection.server
        let kind: Links.Kind
        let numbers: (UInt32, UInt32)
        let isStray =
            connection.anomalies.contains(.midStream) && client.hasSent && client.packets <= 12
            && server.packets == UInt64(server.rstCount) && server.rstCount > 0
        if client.hasSentSYN, !server.hasSent, client.synCount > 1 {
            kind = .asked
            numbers = (client.initialSendSequence.rawValue, 0)
        } else if !client.hasSentSYN, server.hasSentSYN,
            client.packets == UInt64(client.rstCount)
        {
            kind = .answer
            numbers = ((server.first.acknowledgmentNumber - 1).rawValue, 0)
        } else if isStray {
            kind = .stray
            numbers = (
                client.initialSendSequence.rawValue, client.first.acknowledgmentNumber.rawValue
            )
        } else if client.hasSent, server.hasSent, server.hasSentFIN, !client.hasSentFIN,
            server.isFINAcknowledged, connection.resetBy == nil
        {
            kind = .waiting
            numbers = (client.sendNext.rawValue, server.sendNext.rawValue)
        } else {
            return nil
        }
        self.init(
            kind: kind, client: record.address(connection.opener),
            clientPort: record.port(connection.opener), service: service,
            clientNumber: numbers.0, serverNumber: numbers.1, groups: groups)
    }
}
