internal import TCPState
internal import Wire

extension Links {
    /// Numbers that the parts of one connection have in common.
    struct Numbers: Hashable, Sendable {
        let client: UInt32
        let server: UInt32

        init(client: UInt32, server: UInt32) {
            self.client = client
            self.server = server
        }

        /// The next ones of both ends.
        init(open record: borrowing @_addressable ConnectionRecord) {
            let opener = record.connection.opener
            client = record.connection[opener].sendNext.rawValue
            server = record.connection[opener.peer].sendNext.rawValue
        }

        /// Strangers can make them share one; they only lose their links by it.
        var hash: UInt64 {
            var hash = UInt64(client) << 32 | UInt64(server)
            hash = (hash ^ hash >> 29) &* 0x9e37_79b9_7f4a_7c15
            hash = (hash ^ hash >> 32) &* 0xd6e8_feb8_6659_fd93
            return hash ^ hash >> 32
        }
    }

    /// A connection, and another part of it.
    struct Match: Sendable {
        /// What it is without that part.
        let example: FindingExample
        /// The other part's address and port.
        let name: String
        /// Which end has two of them.
        let end: Role
        /// How it shows.
        let form: Finding.Form
    }

    /// A connection that may be a part of another.
    struct Candidate: Sendable {
        /// What it has, and what it lacks.
        enum Kind: Sendable {
            /// A SYN without an answer. Its numbers are the SYN's and the client's port.
            case asked
            /// An answer to a SYN that nobody sent, or that is reset. Its numbers are those of the SYN that it
            /// answers.
            case answer
            /// A connection whose client owes a FIN. Its numbers are the next ones of both ends.
            case waiting
            /// An open connection. Its numbers are the next ones of both ends.
            case open
            /// A few segments of no known connection, answered by RST. Its numbers are those that the first of
            /// them has for both ends.
            case stray
            /// A connection from its handshake on. Its numbers are the initial ones of both ends.
            case whole
        }

        let kind: Kind
        let client: Address
        let clientPort: UInt16
        let service: Service
        let numbers: Numbers
        /// The initial numbers of both ends; nil where a SYN is missing, or says nothing more.
        var initial: Numbers?
        /// When its first segment went past.
        var began = Timestamp(nanoseconds: 0)
        /// The client's first time stamp and IP identification: translators leave both as they are.
        var fingerprint: UInt64 = 0
        /// Who sends, of a stray.
        var sender = Role.client
        /// Whether the client has closed, and its FIN was answered by RST.
        var isFINRefused = false
        /// What it is, unless it is linked.
        var examples: [FindingExample] = []
        /// What it is if it is linked: of few, one each.
        var linkedExamples: [FindingExample] = []

        /// Where it was first, to have one order for all.
        var tuple: (Address, UInt16, Service) { (client, clientPort, service) }
    }
}

extension Links.Candidate {
    /// A connection as a part; nil if it is whole and well, or shows nothing that another could have.
    init?(
        _ examiner: borrowing @_addressable ConnectionExaminer, _ service: Service,
        found: [Finding]
    ) {
        let kind: Kind
        let numbers: (client: UInt32, server: UInt32)
        let opener = examiner.record.connection.opener
        let port = UInt32(examiner.record.port(opener))
        var sender = Role.client
        let hasBothSYNs = examiner.client.hasSentSYN && examiner.server.hasSentSYN
        let initial =
            hasBothSYNs
            ? Links.Numbers(
                client: examiner.client.initialSendSequence.rawValue,
                server: examiner.server.initialSendSequence.rawValue) : nil
        if found.contains(where: { $0.diagnosis == .natBypassed }) {
            kind = .answer
            numbers = (examiner.client.initialSendSequence.rawValue, port)
        } else if examiner.client.hasSentSYN, !examiner.server.hasSent,
            examiner.client.synCount > 1
        {
            kind = .asked
            numbers = (examiner.client.initialSendSequence.rawValue, port)
        } else if !examiner.client.hasSentSYN, examiner.server.hasSentSYN,
            examiner.client.packets == UInt64(examiner.client.rstCount)
        {
            kind = .answer
            numbers = ((examiner.server.first.acknowledgmentNumber - 1).rawValue, port)
        } else if let role = examiner.straySender {
            kind = .stray
            sender = role
            let end = examiner[role]
            let own = end.initialSendSequence.rawValue
            let other = end.first.acknowledgmentNumber.rawValue
            numbers = role == .client ? (own, other) : (other, own)
        } else if examiner.client.hasSent, examiner.server.hasSentFIN,
            !examiner.client.hasSentFIN, examiner.server.isFINAcknowledged,
            examiner.record.connection.resetBy == nil
        {
            kind = .waiting
            numbers = (
                examiner.client.sendNext.rawValue, examiner.server.sendNext.rawValue
            )
        } else if let initial {
            kind = .whole
            numbers = (initial.client, initial.server)
        } else {
            return nil
        }
        self.init(
            kind: kind, client: examiner.record.address(opener),
            clientPort: examiner.record.port(opener), service: service,
            numbers: Links.Numbers(client: numbers.client, server: numbers.server))
        self.initial = initial
        began = examiner.record.connection.firstSeen
        fingerprint =
            UInt64(examiner.client.first.timestampValue) << 16
            | UInt64(examiner.client.first.identification)
        self.sender = sender
        isFINRefused = examiner.client.hasSentFIN && examiner.server.rstCount > 0
    }

    /// Whether a connection is open, and both ends have sent data.
    @inline(__always)
    static func isOpen(_ record: borrowing @_addressable ConnectionRecord) -> Bool {
        guard record.connection[.low].state == .established,
            record.connection[.high].state == .established,
            record.connection[.low].payload > 0, record.connection[.high].payload > 0
        else { return false }
        return true
    }

    /// An open connection as a part.
    init(open record: borrowing @_addressable ConnectionRecord, _ service: Service) {
        let opener = record.connection.opener
        self.init(
            kind: .open, client: record.address(opener), clientPort: record.port(opener),
            service: service, numbers: Links.Numbers(open: record))
    }
}

extension ConnectionExaminer {
    /// The end that sends a few segments out of the blue, to which the other only answers by RST; nil without
    /// one.
    fileprivate var straySender: Role? {
        @_addressableSelf get {
            guard record.connection.anomalies.contains(.midStream) else { return nil }
            func isStray(_ end: Endpoint, _ peer: Endpoint) -> Bool {
                end.hasSent && end.packets <= 12 && peer.rstCount > 0
                    && peer.packets == UInt64(peer.rstCount)
            }
            if isStray(client, server) { return .client }
            return isStray(server, client) ? .server : nil
        }
    }
}
