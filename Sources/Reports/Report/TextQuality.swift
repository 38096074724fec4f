public import Diagnosis
internal import Wire

extension TextReport {
    /// Writes what the capture itself lacks or adds: a line for each flaw, and what it does to the results.
    func writeQuality(_ quality: CaptureQuality, to sink: inout some Sink & ~Copyable) {
        let flaws = quality.flaws
        let areChecksumsRight = quality.checksums?.total.wrong == 0
        guard !flaws.isEmpty || areChecksumsRight else { return }
        sink.write("\n" + palette.strong("Capture quality") + "\n")
        for flaw in flaws {
            lines(
                "\(flaw.kind.title.capitalisedFirst): \(flaw.extent)", indent: 2, hanging: 2,
                to: &sink)
            lines(flaw.kind.effect, indent: 4, to: &sink)
        }
        if areChecksumsRight {
            lines("All checksums that could be verified are right.", indent: 2, to: &sink)
        }
    }
}

extension CaptureFlaw {
    /// How large it is: `12 of 310 connections (4%)`, and what is special about it.
    public var extent: String {
        let tail = detail.isEmpty ? "" : ", \(detail)"
        return "\(Count(count)) of \(Count(total)) \(unit.rawValue) (\(percentage))\(tail)"
    }

    private var percentage: String {
        let tenths = Int((share * 1_000).rounded())
        switch tenths {
        case 0 where count > 0: return "under 0.1%"
        case ..<100: return "\(tenths / 10).\(tenths % 10)%"
        case 1_000 where count < total: return "over 99.9%"
        default: return "\((tenths + 5) / 10)%"
        }
    }
}
