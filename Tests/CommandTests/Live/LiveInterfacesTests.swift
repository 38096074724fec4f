import Foundation
import Testing

/// A router between a client and a server: both of its interfaces see every packet.
@Suite(
    .serialized,
    .enabled(if: LiveRun.isPossible, "skipped: live captures: they need root"))
struct LiveInterfacesTests {
    /// Runs `live` on the router while `count` connections go through it. Returns its JSON lines.
    private static func lines(_ count: Int) throws -> [[String: Any]] {
        let name = "wst\(getpid() % 10_000)"
        let outcome = try Tool.bash(
            """
            set -e
            c=\(name)c r=\(name)r s=\(name)s out=$(mktemp)
            trap 'ip netns del $c; ip netns del $r; ip netns del $s; rm -f $out' EXIT
            for n in $c $r $s; do ip netns add $n; ip -n $n link set lo up; done
            ip link add r0 netns $r type veth peer name c0 netns $c
            ip link add r1 netns $r type veth peer name s0 netns $s
            ip -n $c addr add 10.93.0.2/24 dev c0; ip -n $r addr add 10.93.0.1/24 dev r0
            ip -n $s addr add 10.94.0.2/24 dev s0; ip -n $r addr add 10.94.0.1/24 dev r1
            for x in "$c c0" "$r r0" "$r r1" "$s s0"; do set -- $x; ip -n $1 link set $2 up; done
            ip -n $c route add default via 10.93.0.1; ip -n $s route add default via 10.94.0.1
            ip netns exec $r sysctl -qw net.ipv4.ip_forward=1
            ip netns exec $s python3 -c '
            import signal, socket
            signal.alarm(20)
            l = socket.socket(); l.bind(("10.94.0.2", 9000)); l.listen(100)
            while True:
                s = l.accept()[0]; s.recv(10); s.close()
            ' & server=$!
            ip netns exec $r $WIRESTATE live -i r0 -i r1 --json > $out & live=$!
            sleep 1.5
            ip netns exec $c python3 -c '
            import socket
            for _ in range(\(count)):
                c = socket.create_connection(("10.94.0.2", 9000)); c.send(b"x"); c.recv(10); c.close()
            '
            sleep 1; kill -TERM $live; wait $live || true; kill -KILL $server; cat $out
            """)
        return try Tool.objects(outcome.output)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/python3")))
    func `Every event of both is told and names its interface; connections count once`() throws {
        let count = 20
        let lines = try Self.lines(count)
        let found = lines.filter { $0["event"] as? String == "found" }
        for interface in ["r0", "r1"] {
            let here = found.filter { $0["interface"] as? String == interface }
            #expect(Set(here.compactMap { $0["connection"] as? Int }).count == count)
            let synSent = here.count { $0["to"] as? String == "SYN_SENT" }
            #expect(synSent == count, "\(interface)")
        }
        let capture = try #require(lines.compactMap { $0["capture"] as? [String: Any] }.first)
        #expect(capture["connection_count"] as? Int == count)
        let endings = try #require(lines.compactMap { $0["endings"] as? [String: Any] }.first)
        #expect(endings.values.compactMap { $0 as? Int }.reduce(0, +) == count)
    }
}
