import Capture

extension CaptureReader {
    /// Opens the files of some options.
    init(_ options: AnalysisOptions, _ follower: FileFollower?) throws(CaptureError) {
        try self.init(
            files: options.files, filter: options.filter, backend: options.backend,
            follow: follower?.follow, sorts: true)
    }

    /// Packets that the files' interfaces say they lost; nil where none says anything.
    var lostPackets: UInt64? {
        var lost: UInt64?
        for interface in interfaces {
            for count in [interface.dropped, interface.droppedBySystem] {
                if let count { lost = (lost ?? 0) &+ count }
            }
        }
        return lost
    }
}
