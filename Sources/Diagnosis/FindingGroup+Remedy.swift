internal import TCPState
internal import Wire

extension FindingGroup {
    /// What to do, the first step first: commands stand between backquotes.
    public var remedy: [String] {
        let port = key.service?.port ?? 0
        let server = key.service?.address.description ?? ""
        /// The service's port, as ss sees it on the host of an end.
        func ss(_ role: Role) -> String {
            "'( \(role == .server ? "sport" : "dport") = :\(port) )'"
        }
        let end = key.end
        let other = examples.first?.address(.client).description ?? "ADDRESS"
        let hosts = "host \(server) and tcp port \(port)"
        let capture = "`tcpdump -i any -w second.pcap '\(hosts)'`"
        switch key.diagnosis {
        case .closeWaitLeak:
            return [
                "on the \(end.name): `ss -tnp state close-wait \(ss(end))` names the process",
                "look for a close() missing on an error path, an unread response body, a pool that"
                    + " does not test its connections; no sysctl ends CLOSE_WAIT",
            ]
        case .finWait2Held:
            return [
                "let the \(end.peer.name)'s program close when its read returns 0",
                "`sysctl net.ipv4.tcp_fin_timeout` on the \(end.name) is how long it waited",
            ]
        case .finWait1Stuck, .lastACKStuck:
            return [
                form == .windowClosed
                    ? "on the \(end.peer.name): `ss -tmn \(ss(end.peer))`, a full Recv-Q is a program"
                        + " that does not read"
                    : "test the way: \(capture) on the \(end.peer.name)",
                "a firewall on the way may have forgotten the connection: its timeouts for closing"
                    + " connections should be above 60 s",
            ]
        case .timeWaitPileup:
            return [
                "`ss -tan state time-wait \(ss(end)) | wc -l` on the \(end.name)",
                "keep connections open (a pool, HTTP keep-alive), or let the other side close;"
                    + " tcp_fin_timeout does not change TIME_WAIT, tcp_tw_recycle is gone",
            ]
        case .portReuseCollision:
            return form == .leaked
                ? [
                    "on the server: `ss -tnp state close-wait \(ss(.server))` names the process that"
                        + " does not close"
                ]
                : [
                    "give ports of \(other) back later: a NAT's hold time above 60 s, a larger pool",
                    "on the server: `ss -tn \(ss(.server)) dst \(other)` shows the old sockets",
                ]
        case .idleTimeoutBlackhole, .idleTimeoutReset:
            let half = max(1, lengths.lowerBound / 2_000_000_000)
            return [
                "send keepalives more often than every \(half) s: `sysctl -w"
                    + " net.ipv4.tcp_keepalive_time=\(half)`, with SO_KEEPALIVE set",
                "or raise the device's idle timeout, and test by \(capture) behind it",
            ]
        case .forgedReset:
            return [
                "ask the firewall, IPS or load balancer between \(other) and \(server) for its log",
                "\(capture) before and behind each device shows which one it is",
            ]
        case .halfOpenPeerRestarted:
            return [
                "on the \(end.name): `journalctl --since` the time above: a restart, a failover?",
                "keepalives shorter than the pause, and pools that test connections before use",
            ]
        case .halfOpen:
            return [
                "on the \(end.name): `ss -tno \(ss(end))` shows whether a keepalive timer runs",
                "set SO_KEEPALIVE, or TCP_USER_TIMEOUT, or a timeout of the program's own",
            ]
        case .abortiveClose:
            return [
                form == .closedEarly || form == .unread
                    ? "let the \(end.name)'s program read to the end before it closes"
                    : "look for SO_LINGER 0 in the \(end.name)'s program; browsers and proxies also"
                        + " abort what nobody waits for"
            ]
        case .keepaliveRace:
            return [
                "let the \(end.peer.name) keep idle connections for less than \(lengthText), or the"
                    + " \(end.name) for longer",
                "repeat requests that are safe to repeat",
            ]
        case .resetIgnored:
            return [
                "find who has old numbers: \(capture) nearer to the \(end.name) shows whether it is"
                    + " the sender"
            ]
        case .synFiltered:
            return key.fault == .server
                ? ["on the server: `nft list ruleset`, and `nstat -az TcpExtListenDrops`"]
                : [
                    "on the server: \(capture); if the SYN comes and is answered, the way back drops",
                    "`nft list ruleset` there, and the security groups between",
                ]
        case .acceptQueueFull:
            return [
                "on the server: `ss -lnt \(ss(.server))`: Recv-Q above Send-Q is a full queue",
                "accept faster (more workers), or raise listen()'s backlog and"
                    + " net.core.somaxconn together",
            ]
        case .refused:
            return ["on the server: `ss -lntp \(ss(.server))`: start it, or bind the right address"]
        case .synReceivedStuck:
            return [
                form == .returnPath
                    ? "`traceroute -T -p \(port) \(other)` from the server, and filters on the way back"
                    : "on the server: `ss -tn state syn-recv \(ss(.server))`"
            ]
        case .synFlood:
            return [
                "on the server: `sysctl net.ipv4.tcp_syncookies` should be 1; `nstat -az"
                    + " TcpExtSyncookiesSent`",
                "filter the sources upstream",
            ]
        case .portScan:
            return ["`nft add rule inet filter input ip saddr \(other) drop`, if unwanted"]
        case .selfConnect:
            return [
                "`sysctl -w net.ipv4.ip_local_reserved_ports=\(port)` keeps the port for its service"
            ]
        case .zeroWindowStall:
            return [
                "on the \(end.name): `ss -tmn \(ss(end))`: a full Recv-Q is a program that does not"
                    + " read; look what it waits for",
                "else the buffer is small: net.ipv4.tcp_rmem, SO_RCVBUF",
            ]
        case .keepaliveFailed, .retransmitUntilDeath:
            return [
                "is the \(end.peer.name) up? `ping \(end == .server ? other : server)`",
                "TCP_USER_TIMEOUT on the \(end.name) ends this sooner, a keepalive on its peer frees"
                    + " the other half",
            ]
        case .oneWay:
            return [
                "capture both directions: `tcpdump -i any`, or both ports of the mirror, and a filter"
                    + " that names no direction"
            ]
        case .unfinished: return ["capture for longer"]
        case .healthCheck, .legitimateHalfClose, .simultaneousOpen: return []
        }
    }
}
