import TestKit
import Wire

@testable import Comparison

/// A path with a tap at each end, whose clocks differ by ``offset``; hand-made segments pass it, or do not.
struct TwoTaps {
    private var near: [(segment: Segment, payload: [UInt8], time: Timestamp)] = []
    private var far: [(segment: Segment, payload: [UInt8], time: Timestamp)] = []
    /// The second clock less the first one.
    var offset = TimeSpan.milliseconds(1500)
    /// How long a segment takes.
    var delay = TimeSpan.milliseconds(10)
    /// How many segments the second tap keeps.
    var farLimit = 1 << 20

    /// What becomes of a segment on its way.
    enum Way {
        case arrives, isLost, isMade
    }

    /// A segment of the client's side passes the first tap, then the second.
    mutating func fromClient(
        _ sent: Talker.Sent, _ way: Way = .arrives, payload: [UInt8] = [],
        change: (inout Segment) -> Void = { _ in }
    ) {
        var changed = sent.segment
        change(&changed)
        if way != .isMade { near.append((sent.segment, payload, sent.time)) }
        if way != .isLost { far.append((changed, payload, sent.time + delay + offset)) }
    }

    /// A segment of the server's side passes the second tap, then the first: `sent` has the first tap's addresses.
    mutating func fromServer(
        _ sent: Talker.Sent, _ way: Way = .arrives, payload: [UInt8] = [],
        change: (inout Segment) -> Void = { _ in }
    ) {
        var changed = sent.segment
        change(&changed)
        if way != .isMade { far.append((changed, payload, sent.time + offset)) }
        if way != .isLost { near.append((sent.segment, payload, sent.time + delay)) }
    }

    /// The taps, compared.
    var compared: Comparison {
        Comparison([TwoTaps.tap("client", near), TwoTaps.tap("server", far, limit: farLimit)])
    }

    /// The verdicts on the first connection.
    var verdicts: [PathVerdict] {
        let comparison = compared
        return comparison.paths.first.map { PathExaminer($0, comparison).verdicts } ?? []
    }

    private static func tap(
        _ name: String, _ frames: [(segment: Segment, payload: [UInt8], time: Timestamp)],
        limit: Int = 1 << 20
    ) -> Tap {
        var recorder = TapRecorder(name: name, limit: limit)
        let ordered = frames.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        for (number, (_, frame)) in ordered.enumerated() {
            var packet = PacketBuilder(frame.segment)
            if !frame.payload.isEmpty { packet.payload = frame.payload }
            let bytes = packet.ethernet
            recorder.receive(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: frame.time,
                frame: UInt64(number + 1))
        }
        return recorder.finish(dropped: nil)
    }
}
