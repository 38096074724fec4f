/// Ports that Zeek takes for a server's.
public enum ZeekPorts {
    /// Zeek's `likely_server_ports` with its default scripts: what `scripts/base/protocols/*/main.zeek` registers for TCP.
    public static let likelyServerPorts: Set<UInt16> = [
        21, 22, 25, 53, 79, 80, 81, 88, 135, 139, 143, 389, 443, 445, 465, 502, 514, 563, 585, 587,
        614,
        631, 636, 989, 990, 992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3268, 3306, 3389, 5222,
        5223,
        5269, 5432, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000,
    ]
}
