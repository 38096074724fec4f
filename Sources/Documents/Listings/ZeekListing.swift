public import Analysis
internal import Hashing
internal import Reports
internal import TCPState
internal import Wire

/// Lists connections as Zeek's logs have them.
public struct ZeekListing {
    private let analysis: CaptureAnalysis
    private let hasTimers: Bool
    private let serverPorts: Set<UInt16>

    /// - Parameters:
    ///   - hasTimers: whether rows end by Zeek's own timers.
    ///   - serverPorts: ports that are likely a server's; nil for Zeek's own list.
    public init(_ analysis: CaptureAnalysis, hasTimers: Bool, serverPorts: Set<UInt16>?) {
        self.analysis = analysis
        self.hasTimers = hasTimers
        self.serverPorts = serverPorts ?? ZeekPorts.likelyServerPorts
    }

    /// Writes the log.
    ///
    /// - Parameter onlyOpen: leaves out the connections that are over.
    public func list(isJSON: Bool, onlyOpen: Bool = false) throws {
        let local = analysis.options.localAddresses
        var output = Output()
        var log = ZeekConnections(
            path: onlyOpen ? "open_conn" : "conn", isJSON: isJSON,
            isLocal: local.isEmpty ? nil : { local.contains($0) })
        let ports = serverPorts
        let input = try analysis.zeekConnections(
            hasTimers: hasTimers, isServerPort: { ports.contains($0) }
        ) { record, connection in
            let states = Side.allCases.map { record.connection[$0].state }
            if onlyOpen, states.allSatisfy({ $0 == .closed || $0 == .timeWait }) { return }
            let ends = Side.allCases.map { (address: record.address($0), port: record.port($0)) }
            let uid = ConnectionUID.text(ends[0], ends[1], first: connection.first)
            log.write(ZeekConnections.Row(connection, uid: uid), to: &output)
        }
        log.end(&output)
        try input.end(output)
    }
}
