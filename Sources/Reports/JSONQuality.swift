internal import Diagnosis

extension JSONReport {
    /// Writes a line for each flaw of the capture.
    func writeQuality(_ quality: CaptureQuality, to sink: inout some Sink & ~Copyable) {
        for trap in quality.traps {
            var object = JSONObject()
            object.add("trap", trap.kind.rawValue)
            object.add("count", trap.count)
            object.add("of", trap.total)
            object.add("unit", trap.unit.rawValue)
            if !trap.detail.isEmpty { object.add("detail", trap.detail) }
            object.add("effect", trap.kind.effect)
            object.add("blocks", trap.kind.blocks.map(\.name))
            sink.write("{\"quality\":\(object.description)}\n")
        }
    }
}
