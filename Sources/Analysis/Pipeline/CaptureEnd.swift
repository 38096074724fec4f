import Capture
import Diagnosis
import Reports
import Tracking
import Wire

/// What is known when all frames are read and no connection is closed.
struct CaptureEnd {
    /// The time of the last frame.
    let time: Timestamp
    /// What the capture lacks, without any connection.
    private(set) var quality: CaptureQuality
    /// How frames are named.
    let numbering: FrameNumbering

    init(
        _ counts: FrameCounts, _ probe: CaptureQualityProbe, _ reader: borrowing CaptureReader
    ) {
        time = counts.last ?? Timestamp(nanoseconds: 0)
        var quality = probe.quality
        quality.framesRead = counts.frames
        quality.framesBackInTime = counts.framesBackInTime
        quality.lostPackets = reader.lostPackets
        self.quality = quality
        numbering = FrameNumbering(before: reader.framesBefore)
    }

    /// What was known elsewhere.
    init(time: Timestamp, quality: CaptureQuality, numbering: FrameNumbering) {
        self.time = time
        self.quality = quality
        self.numbering = numbering
    }

    /// The same under the addresses of the output.
    func masked(by mask: AddressMask) -> CaptureEnd {
        var end = self
        end.quality.checksums = quality.checksums?.replacingAddresses { mask[$0] }
        return end
    }
}
