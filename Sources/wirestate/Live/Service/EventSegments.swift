import Reports
import TCPState
import Wire

extension Transition {
    /// The segment that shows the change, as far as the change tells: its sender and control bits; nil where a timer or an
    /// absence does.
    var segment: (sender: Side, flags: TCPFlags)? {
        switch event {
        case .sentSYN: (side, .syn)
        case .sentSYNACK: (side, [.syn, .ack])
        case .sentFIN: (side, [.fin, .ack])
        case .sentRST: (side, .rst)
        case .receivedSYN: (side.peer, .syn)
        case .receivedSYNACK: (side.peer, [.syn, .ack])
        case .receivedACKofSYN, .receivedACKofFIN: (side.peer, .ack)
        case .receivedFIN: (side.peer, [.fin, .ack])
        case .receivedRST: (side.peer, .rst)
        case .timedOut, .replaced, .receivedUnreachable, .presumed: nil
        }
    }

    /// The same as a row of a ladder.
    var row: Ladder.LadderRow? {
        guard let (sender, flags) = self.segment, frame != 0 else { return nil }
        var segment = Segment()
        segment.flags = flags
        return Ladder.LadderRow(segment, from: sender, at: seen, frame: frame, notes: [])
    }
}
