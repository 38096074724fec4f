public import Diagnosis
public import TCPState
public import Wire

/// All that the report says, before any format.
public struct Report: Sendable {
    /// What was read.
    public let account: CaptureAccount
    /// What became of the connections.
    public let overview: Overview
    /// How states are spelled.
    public let spelling: StateSpelling
    /// Where the capture was taken, as the user says; nil if it is to be found out.
    public let vantage: Vantage?

    /// Joins the parts.
    public init(
        account: CaptureAccount, overview: Overview, spelling: StateSpelling = .netstat,
        vantage: Vantage? = nil
    ) {
        self.vantage = vantage
        self.account = account
        self.overview = overview
        self.spelling = spelling
    }

    /// Where the tap was, and why that is believed; nil if nothing tells.
    public var tap: String? {
        vantage.map { "Tap: \($0.words), as you say." } ?? overview.vantage.sentence
    }

    /// When the capture ended.
    public var end: Timestamp { account.last ?? Timestamp(nanoseconds: 0) }

    /// Connections with one service, one pair of states and one situation.
    public struct Group: Sendable {
        /// What they have in common.
        public struct Key: Hashable, Sendable {
            /// The server's address.
            public let address: Address
            /// The server's port.
            public let port: UInt16
            /// The client's state.
            public let client: State
            /// The server's state.
            public let server: State
            /// What is the matter.
            public let situation: Situation
        }

        /// What they have in common.
        public let key: Key
        /// The connections, the oldest trouble first.
        public let connections: [StuckConnection]
    }

    /// The half-closed and stuck connections in groups, the worst first: by situation, then by
    /// number, then by age.
    public var groups: [Group] {
        var members: [Group.Key: [StuckConnection]] = [:]
        for stuck in overview.stuck {
            let key = Group.Key(
                address: stuck.server.address, port: stuck.server.port,
                client: stuck.client.state, server: stuck.server.state,
                situation: stuck.situation)
            members[key, default: []].append(stuck)
        }
        let groups = members.map { key, connections in
            Group(
                key: key,
                connections: connections.sorted { ($0.since, $0.frame) < ($1.since, $1.frame) })
        }
        return groups.sorted { $0.order < $1.order }
    }

    /// A Wireshark display filter that shows a connection, and nothing else where it can.
    ///
    /// Wireshark numbers the streams of a whole file: where a filter or a second file changed what
    /// was counted, addresses and ports must do.
    public func displayFilter(of stuck: StuckConnection) -> String {
        if account.files.count <= 1, account.skipped == 0 { return "tcp.stream eq \(stuck.stream)" }
        let family = stuck.client.address.isIPv4 ? "ip" : "ipv6"
        return "\(family).addr == \(stuck.client.address) && tcp.port == \(stuck.client.port)"
            + " && tcp.port == \(stuck.server.port)"
    }

    /// Which end of a connection is local, as the user says: `client`, `server`, `both` or nil.
    public func localRole(of stuck: StuckConnection) -> String? {
        let addresses = overview.localAddresses
        let client = addresses.contains(stuck.client.address)
        let server = addresses.contains(stuck.server.address)
        return client ? (server ? "both" : "client") : (server ? "server" : nil)
    }
}

extension Report.Group {
    fileprivate var order: (Int, Int, Timestamp, UInt64) {
        let oldest = connections[0]
        return (key.situation.rank, -connections.count, oldest.since, oldest.frame)
    }
}
