internal import TCPState
internal import Tracking
internal import Wire

/// A script, and changes of what is written down of its connections: the third byte says how many there are, three
/// bytes each. They stand before the script's frames.
struct DamagedScript {
    let script: Script
    let changes: [(UInt8, UInt8, UInt8)]

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 3 else { return nil }
        let count = Int(bytes[2] & 15)
        let start = 3 + 3 * count
        guard bytes.count > start else { return nil }
        var code = [bytes[0], bytes[1] | 16]
        for index in start..<bytes.count { code.append(bytes[index]) }
        guard let script = Script(code.span) else { return nil }
        self.script = script
        changes = (0..<count).map { change in
            let offset = 3 + 3 * change
            return (bytes[offset], bytes[offset + 1], bytes[offset + 2])
        }
    }

    /// What was written, with the changes.
    func damage(_ written: [UInt8]) -> [UInt8] {
        var changed = written
        for (high, low, value) in changes where !changed.isEmpty {
            changed[(Int(high) << 8 | Int(low)) % changed.count] = value
        }
        return changed
    }
}

extension Script {
    /// A tracker with the script's settings.
    var tracker: Tracker<CollectingObserver> { tracker(CollectingObserver()) }

    /// The same with another observer.
    func tracker<Observer>(_ observer: Observer) -> Tracker<Observer> {
        Tracker(
            observer: observer, profile: StackProfile.all[profile], maximumConnections: limit)
    }

    /// The link type of a frame: an IPv4 packet alone, or an Ethernet frame.
    static func linkType(of frame: [UInt8]) -> LinkType { frame[0] >> 4 == 4 ? .raw : .ethernet }

    /// The length of a frame on the wire, where the payload is that the capture has not.
    static func wireLength(of frame: [UInt8]) -> Int { frame.count + 66_000 }

    /// Plays all frames to a tracker, after those that it has taken; returns how many there are in all.
    @discardableResult
    func play<Observer>(to tracker: inout Tracker<Observer>) -> UInt64 {
        var script = self
        var number = tracker.counts.frames
        while let (frame, time) = script.nextFrame() {
            number &+= 1
            tracker.receive(
                frame.span, linkType: Script.linkType(of: frame),
                wireLength: Script.wireLength(of: frame), at: time, interface: 0, frame: number)
        }
        return number
    }
}
