internal import Diagnosis
internal import Reports
internal import TCPState
internal import Tracking
internal import Wire

/// A live run as metrics. Label sets are bounded: states, roles and diagnoses are closed lists, and services are those with
/// stuck connections, up to the number that the run counts apart.
public struct LiveMetrics: Sendable {
    private let version: String
    private let wantsNodeNames: Bool

    /// - Parameters:
    ///   - version: the program's.
    ///   - wantsNodeNames: whether to give `node_tcp_connection_states` as well, as node_exporter's tcpstat collector does:
    ///     for hosts that do not run that one.
    public init(version: String, wantsNodeNames: Bool = false) {
        self.version = version
        self.wantsNodeNames = wantsNodeNames
    }

    /// The text for one scrape.
    public func text(_ snapshot: LiveSnapshot, _ dialect: Exposition.Dialect) -> String {
        var output = Exposition(dialect)
        writeStates(snapshot, &output)
        writeStuck(snapshot, &output)
        writeTransitions(snapshot.transitions, &output)
        writeEndings(snapshot, &output)
        writeCapture(snapshot, &output)
        return output.finish()
    }

    private static let states = State.allCases.filter { SocketRow.shows($0) }

    private func writeStates(_ snapshot: LiveSnapshot, _ output: inout Exposition) {
        let counts = snapshot.counts
        output.begin(
            "wirestate_connections", .gauge, "TCP endpoints by state, as their packets show.")
        for role in Role.allCases {
            for state in LiveMetrics.states {
                let number = (role == .client ? counts.clients : counts.servers)[state]
                output.add(["state": state.label, "role": role.name], number)
            }
        }
        output.begin(
            "wirestate_service_connections", .gauge,
            "TCP endpoints by state, of services with stuck connections.")
        for (service, counts) in snapshot.services.ordered {
            for (role, states) in [(Role.client, counts.clients), (.server, counts.servers)] {
                for (state, number) in states.present where SocketRow.shows(state) {
                    output.add(
                        ["service": service.name, "state": state.label, "role": role.name], number)
                }
            }
        }
        output.begin(
            "wirestate_service_stuck_connections", .gauge, "Stuck connections by service.")
        for (service, counts) in snapshot.services.ordered {
            output.add(["service": service.name], counts.stuck)
        }
        output.begin(
            "wirestate_service_oldest_stuck_seconds", .gauge,
            "How long the oldest stuck connection of the service has been stuck.")
        for (service, counts) in snapshot.services.ordered {
            guard let oldest = counts.oldest else { continue }
            output.add(["service": service.name], max(0, snapshot.time - oldest))
        }
        guard wantsNodeNames else { return }
        output.begin("node_tcp_connection_states", .gauge, "Number of connection states.")
        let own = counts.hasLocals ? counts.locals : counts.clients + counts.servers
        for state in LiveMetrics.states { output.add(["state": state.label], own[state]) }
    }

    private func writeStuck(_ snapshot: LiveSnapshot, _ output: inout Exposition) {
        let stuck = snapshot.stuck
        output.begin(
            "wirestate_stuck_connections", .gauge, "Connections that are stuck now, by diagnosis.")
        for key in stuck.keys {
            output.add(
                [
                    "diagnosis": key.diagnosis.name, "severity": key.severity.name,
                    "fault": key.fault.rawValue,
                ], stuck.counts[key] ?? 0)
        }
        output.begin(
            "wirestate_oldest_stuck_seconds", .gauge,
            "How long the oldest stuck connection has been stuck, by diagnosis.")
        for diagnosis in Diagnosis.allCases {
            guard let since = stuck.oldest[diagnosis] else { continue }
            output.add(
                ["diagnosis": diagnosis.name], max(0, snapshot.time - since))
        }
        output.begin("wirestate_findings", .counter, "Connections that became stuck, by diagnosis.")
        let keys = snapshot.findings.keys.sorted {
            ($0.severity, $0.diagnosis.name, $0.fault.rawValue)
                < ($1.severity, $1.diagnosis.name, $1.fault.rawValue)
        }
        for key in keys {
            output.add(
                [
                    "diagnosis": key.diagnosis.name, "severity": key.severity.name,
                    "fault": key.fault.rawValue,
                ], total: snapshot.findings[key] ?? 0)
        }
    }

    private func writeTransitions(
        _ meter: TransitionMeter, _ output: inout Exposition
    ) {
        output.begin(
            "wirestate_transitions", .counter,
            "State changes, with the grade that they had when found.")
        for change in meter.changes {
            output.add(
                [
                    "from": change.from.label, "to": change.to.label, "role": change.role.name,
                    "grade": change.grade.name,
                ], total: change.count)
        }
        output.begin(
            "wirestate_transitions_withdrawn", .counter,
            "State changes that were later disproved.")
        output.add(total: meter.withdrawn)
        output.begin(
            "wirestate_state_duration_seconds", .histogram,
            "How long endpoints stayed in a state, counted when they leave it.")
        for role in Role.allCases {
            for state in LiveMetrics.states {
                let histogram = meter.duration(state, role)
                if histogram.count > 0 {
                    output.add(["state": state.label, "role": role.name], histogram)
                }
            }
        }
        output.begin(
            "wirestate_handshake_duration_seconds", .histogram,
            "How long clients waited for the SYN-ACK (connect), and servers for its ACK (accept)."
        )
        output.add(["phase": "connect"], meter.connecting)
        output.add(["phase": "accept"], meter.accepting)
    }

    private func writeEndings(_ snapshot: LiveSnapshot, _ output: inout Exposition) {
        output.begin(
            "wirestate_closes", .counter,
            "Connections that ended, by how; counted half a minute after the end.")
        for ending in Ending.allCases {
            output.add(
                ["cause": ending.cause, "closer": ending.closer ?? "none"],
                total: snapshot.endings[ending] ?? 0)
        }
    }

    private func writeCapture(_ snapshot: LiveSnapshot, _ output: inout Exposition) {
        let frames = snapshot.frames
        output.begin("wirestate_capture_packets", .counter, "Packets read.")
        output.add(total: frames.frames)
        output.begin("wirestate_capture_bytes", .counter, "Bytes of these packets on the wire.")
        output.add(total: frames.wireBytes)
        output.begin(
            "wirestate_capture_dropped_packets", .counter, "Packets lost before they were read.")
        output.add(["by": "kernel"], total: snapshot.droppedByKernel)
        output.add(["by": "interface"], total: snapshot.droppedByInterface)
        output.begin(
            "wirestate_set_aside_packets", .counter, "Packets that are not TCP segments, by reason."
        )
        for reason in SetAside.allCases {
            output.add(["reason": reason.rawValue], total: frames[reason])
        }
        output.begin("wirestate_connections_seen", .counter, "Connections found.")
        output.add(total: frames.connections)
        output.begin(
            "wirestate_evicted_connections", .counter,
            "Connections removed early because the table was full.")
        output.add(total: frames.evictions.total)
        output.begin(
            "wirestate_interface_up", .gauge, "Whether the capture on the interface is running.")
        for name in snapshot.interfaces {
            output.add(["interface": name], snapshot.lostInterfaces.contains(name) ? 0 : 1)
        }
        output.begin("wirestate_build_info", .gauge, "The version of wirestate.")
        output.add(["version": version], 1)
    }
}

extension State {
    /// As node_exporter spells it: `close_wait`, `fin_wait2`, `syn_recv`.
    fileprivate var label: String { name(.netstat).lowercased() }
}
