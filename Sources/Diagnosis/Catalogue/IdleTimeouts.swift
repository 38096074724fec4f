internal import Wire

/// Idle timeouts that devices are shipped with, in seconds: what a measured one may be.
enum IdleTimeouts {
    private static let table: [(seconds: Int64, device: String)] = [
        (60, "AWS ALB"), (240, "Azure load balancer"), (350, "AWS NLB, NAT gateway"),
        (432_000, "Linux conntrack"), (600, "Google Cloud VPC firewall"),
        (900, "Linux IPVS"), (1200, "Google Cloud NAT, Huawei USG"),
        (3600, "Fortinet, Palo Alto, Cisco ASA"), (86_400, "kube-proxy conntrack"),
    ]

    /// The devices whose timeout lies above the longest silence survived and within five per cent of
    /// the shortest one that killed.
    static func devices(survived: TimeSpan, killed: TimeSpan) -> String? {
        let match = table.first { row in
            let timeout = TimeSpan.seconds(row.seconds)
            return timeout > survived && timeout <= killed + killed / 20
                && killed - timeout <= timeout / 20
        }
        return match?.device
    }
}

/// What `idle-timeout-blackhole` and `idle-timeout-rst` have in common: a device forgets what is idle.
protocol ForgottenWhenIdle: CatalogueEntry {}

extension ForgottenWhenIdle {
    static var otherName: String? { "keepalive-too-slow" }

    static var rivals: [Rival] {
        [
            Rival(
                .restart, ofConnection: { $0.answeredTooSoon($1) },
                doubt: { words in
                    "the \(words.endName)'s host sent it, or lost the segment itself: run \(words.capture) behind"
                        + " the suspected device"
                })
        ]
    }

    static func remedy(_ words: Words) -> [String] {
        let half = max(1, words.lengths.lowerBound.seconds / 2)
        return [
            "send keepalives at least every \(half) s: `sysctl -w net.ipv4.tcp_keepalive_time=\(half)`,"
                + " with SO_KEEPALIVE set on the sockets",
            "or raise the device's idle timeout; verify with \(words.capture) behind it",
        ]
    }
}
