internal import Diagnosis

extension JSONReport {
    /// Writes a line for each flaw of the capture.
    func writeQuality(_ quality: CaptureQuality, to sink: inout some Sink & ~Copyable) {
        for flaw in quality.flaws {
            var object = JSONObject()
            object.add("trap", flaw.kind.rawValue)
            object.add("count", flaw.count)
            object.add("of", flaw.total)
            object.add("unit", flaw.unit.rawValue)
            if !flaw.detail.isEmpty { object.add("detail", flaw.detail) }
            object.add("effect", flaw.kind.effect)
            object.add("blocks", flaw.kind.castsDoubtOn.map(\.name))
            sink.write("{\"quality\":\(object.description)}\n")
        }
    }
}
