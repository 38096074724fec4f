internal import Comparison
internal import TCPState
internal import Wire

/// A script's frames pass two taps, or only one: the bytes in front say what the path does to them. What both taps saw is
/// compared, and every segment must have one fate, the same from both sides.
///
/// Two bytes of settings come first: how far the clocks are apart, and how many segments a tap keeps. Then comes the path:
/// a byte that says how many bytes it has, of which each frame takes the next one, over and over.
func fuzzComparison(_ bytes: Span<UInt8>) {
    guard bytes.count >= 4 else { return }
    let length = 1 + Int(bytes[2] & 63)
    guard bytes.count > 3 + length else { return }
    var path = Path(offset: bytes[0], limit: bytes[1])
    let effects = (0..<length).map { bytes[3 + $0] }
    guard var script = Script(bytes.extracting((3 + length)...)) else { return }
    var number = 0
    while let (frame, time) = script.nextFrame() {
        path.pass(frame, at: time, effects[number % length])
        number += 1
    }
    let taps = path.taps
    let comparison = Comparison(taps)
    check(comparison)
    for path in comparison.paths {
        require(!PathExaminer(path, comparison).verdicts.isEmpty, "no verdict")
        for tap in path.seenBy {
            for number in taps[tap].segments(of: path.parts[tap] ?? 0) {
                _ = SegmentTrace(number, at: tap, of: path, comparison)
            }
        }
    }
}

/// What must hold of any two taps.
private func check(_ comparison: Comparison) {
    let pair = comparison.pairs[0]
    for tapSide in PairComparison.TapSide.allCases {
        let (own, other) = (pair.tap(tapSide), pair.tap(tapSide.other))
        for segment in own.segments.indices {
            let fate = pair.fate(of: segment, at: tapSide)
            let counterpart = pair.counterpart(of: segment, at: tapSide)
            require(
                (fate == .arrived || fate == .duplicated) == (counterpart != nil),
                "\(fate) with a counterpart, or without one")
            guard let counterpart else { continue }
            require(other.segments.indices.contains(counterpart), "no such counterpart")
            let back = pair.counterpart(of: counterpart, at: tapSide.other)
            require(fate != .arrived || back == segment, "the counterpart is another one's")
            let connection = Int(own.segments[segment].connection)
            let match = pair.match(of: connection, at: tapSide)
            require(match != nil, "a counterpart without a match")
            require(
                match
                    == pair.match(
                        of: Int(other.segments[counterpart].connection), at: tapSide.other),
                "a counterpart in another connection")
        }
    }
    for piece in pair.clock.pieces {
        require(piece.margin.map { $0.nanoseconds >= 0 } ?? true, "a margin below zero")
        require(piece.start <= piece.end, "a piece that ends before it begins")
    }
    for isOutward in [true, false] {
        let sum = SegmentFate.allCases.reduce(0) { $0 + pair.fateCounts(isOutward: isOutward)[$1] }
        let most = pair.near.segments.count + pair.far.segments.count
        require(sum <= UInt64(most), "more fates than segments")
    }
}

/// Two taps, and what lies between them.
private struct Path {
    private var frames: [[(bytes: [UInt8], time: Timestamp)]] = [[], []]
    private let offset: TimeSpan
    private let limit: Int

    private static let offsets: [TimeSpan] = [
        .milliseconds(0), .milliseconds(1500), .milliseconds(-3000), .seconds(86_400),
    ]

    init(offset: UInt8, limit: UInt8) {
        self.offset = Path.offsets[Int(offset & 3)]
        self.limit = limit & 128 == 0 ? 1 << 20 : 1 + Int(limit & 127)
    }

    /// A frame of the script passes.
    ///
    /// - Parameter effect: three bits for what becomes of it, two for which field is changed, the rest for how long it takes.
    mutating func pass(_ frame: [UInt8], at time: Timestamp, _ effect: UInt8) {
        let isFromClient = frame.count < 16 || frame[15] == 1
        let delay = TimeSpan.milliseconds(Int64(effect >> 5) * 10 + 1)
        let (sender, receiver) = isFromClient ? (0, 1) : (1, 0)
        let what = effect & 7
        if what != 1 { keep(frame, sender, time) }
        guard what != 2 else { return }
        var changed = frame
        switch what {
        case 3: changed[Path.fields[Int(effect >> 3 & 3)] % frame.count] ^= 1
        case 4: changed = Path.translated(frame, isFromClient)
        default: break
        }
        keep(changed, receiver, time + delay)
        if what == 5 { keep(changed, receiver, time + delay + delay) }
    }

    /// Places in an IPv4 packet: identification, sequence number, acknowledgment number, window.
    private static let fields = [5, 27, 31, 35]

    /// The client's port as a translator would change it.
    private static func translated(_ frame: [UInt8], _ isFromClient: Bool) -> [UInt8] {
        var changed = frame
        let offset = isFromClient ? 20 : 22
        if changed.indices.contains(offset) { changed[offset] ^= 0x40 }
        return changed
    }

    private mutating func keep(_ frame: [UInt8], _ tap: Int, _ time: Timestamp) {
        frames[tap].append((frame, tap == 0 ? time : time + offset))
    }

    var taps: [Tap] {
        frames.enumerated().map { tap, frames in
            var recorder = TapRecorder(name: tap == 0 ? "client" : "server", limit: limit)
            for (number, frame) in frames.enumerated() {
                recorder.receive(
                    frame.bytes.span, linkType: Script.linkType(of: frame.bytes),
                    wireLength: Script.wireLength(of: frame.bytes), at: frame.time,
                    frame: UInt64(number + 1))
            }
            return recorder.finish(dropped: nil)
        }
    }
}
