import ArgumentParser
import Capture
import Reports
import TCPState
import Tracking
import Wire

struct TransitionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transitions", abstract: "Every state change of both endpoints, in time order.")

    @Flag(help: "JSON lines.")
    var json = false

    @Argument(help: "Capture files.")
    var files: [String]

    func run() throws {
        var reader = try CaptureReader(files: files)
        var tracker = Tracker(
            observer: TransitionHistory(), profile: .linux, maximumConnections: 4_000_000)
        while let frame = reader.next() {
            tracker.take(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.number)
        }
        tracker.finish()
        let history = tracker.observer
        for entry in history.timeline() {
            let record = history.record(of: entry)!
            let transition = entry.transition
            let opener = record.connection.opener
            func name(_ side: Side) -> String {
                let address = record.address(side)
                return address.isIPv4
                    ? "\(address):\(record.port(side))" : "[\(address)]:\(record.port(side))"
            }
            var line = JSONObject()
            line.add("ts", entry.time.nanoseconds)
            line.add("client", name(opener))
            line.add("server", name(opener.peer))
            line.add("endpoint", transition.side == opener ? "client" : "server")
            line.add("from", transition.from == .closed ? "CLOSED" : transition.from.name())
            line.add("to", transition.to == .closed ? "CLOSED" : transition.to.name())
            line.add("not_before", transition.notBefore?.nanoseconds)
            line.add("not_after", transition.notAfter?.nanoseconds)
            line.add("grade", transition.grade.name)
            line.add("frame", transition.frame)
            line.add("stream", record.connection.stream)
            print(line.description)
        }
    }
}
