internal import Diagnosis
public import Reports
internal import Wire

/// A report as lines for zabbix_sender(1), with time stamps: `zabbix_sender -T -i -`. The items are those of the template
/// "Wirestate by trapper".
public struct ZabbixLines: Format {
    private let host: String
    private let serviceLimit: Int

    /// - Parameters:
    ///   - host: the name that Zabbix has for it.
    ///   - services: as many services are discovered, those with the most stuck connections.
    public init(host: String, services: Int = 50) {
        self.host = host
        serviceLimit = services
    }

    /// Writes what is stuck when the capture ends.
    public mutating func write(_ report: Report, to sink: inout some Sink & ~Copyable) {
        var services: [Service: (stuck: UInt64, oldest: Timestamp)] = [:]
        var total: UInt64 = 0
        for group in report.findings where group.severity <= .warning {
            total += group.count
            guard let service = group.key.service else { continue }
            let old = services[service] ?? (0, group.oldest)
            services[service] = (old.stuck + group.count, min(old.oldest, group.oldest))
        }
        let ordered = services.sorted {
            ($1.value.stuck, $0.key.name) < ($0.value.stuck, $1.key.name)
        }.prefix(serviceLimit)
        let discovered = ordered.map { service, _ in
            var entry = JSONObject()
            entry.add("{#SERVICE}", service.name)
            return entry.description
        }
        let time = report.end.nanoseconds / 1_000_000_000
        func line(_ key: String, _ value: String) {
            sink.write("\(quoted(host)) \(quoted(key)) \(time) \(quoted(value))\n")
        }
        line("wirestate.discovery", "[" + discovered.joined(separator: ",") + "]")
        line("wirestate.connections", String(report.input.connections))
        line("wirestate.stuck", String(total))
        if let dropped = report.input.dropped { line("wirestate.dropped", String(dropped)) }
        for (service, found) in ordered {
            line("wirestate.stuck[\(parameter(service.name))]", String(found.stuck))
            let age = max(0, report.end - found.oldest)
            line("wirestate.oldest[\(parameter(service.name))]", Exposition.seconds(age))
        }
    }

    /// A parameter of an item's key: in quotes where it begins as a list does, as an IPv6 address with a port.
    private func parameter(_ text: String) -> String {
        text.hasPrefix("[") ? "\"" + text + "\"" : text
    }

    /// In quotes, in which a quote and a backslash are escaped.
    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
