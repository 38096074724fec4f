internal import Wire

/// Bytes read as what a few connections send: two bytes of settings, then eight for each frame.
///
/// Sequence and acknowledgment numbers are told as differences to what each side has sent, so that
/// random bytes meet the rules of TCP as often as they break them.
struct Script {
    /// Which profile of timers.
    let profile: Int
    /// How many connections are kept.
    let limit: Int
    private let bytes: [UInt8]
    private var position = 2
    private var now: Int64 = 1_700_000_000_000_000_000
    /// The next sequence number of each side of each connection.
    private var next = [UInt32](repeating: 0, count: 8)
    private var frame = [UInt8]()

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 10 else { return nil }
        self.bytes = bytes.indices.map { bytes[$0] }
        profile = Int(bytes[0] & 3)
        limit = bytes[1] & 16 == 0 ? 1 + Int(bytes[1] & 15) : 1 << 20
        for index in next.indices { next[index] = bytes[0] & 0x80 == 0 ? 1_000 : 0xffff_fff0 }
    }

    private static let offsets: [Int64] = [
        0, 0, 0, 0, 1, -1, 100, -100, 1_460, -1_460, 65_535, -65_535, 1 << 20, 1 << 30, 1 << 31,
        -(1 << 30),
    ]
    private static let lengths = [0, 0, 0, 1, 100, 1_460, 9_000, 65_000]
    private static let steps: [Int64] = [
        0, 1_000, 1_000_000, 40_000_000, 250_000_000, 1_000_000_000, 3_000_000_000,
        60_000_000_000, 130_000_000_000, 1_000_000_000_000, 10_000_000_000_000, -1_000,
        -1_000_000_000, 1, 500_000_000, 7_200_000_000_000,
    ]

    /// The next frame and its time; `nil` at the end.
    mutating func nextFrame() -> (bytes: [UInt8], time: Timestamp)? {
        guard position + 8 <= bytes.count else { return nil }
        let word = Array(bytes[position..<position + 8])
        position += 8
        now &+= Self.steps[Int(word[5] & 15)]
        // Bit 7: the tap saw the frame before once more.
        if word[0] & 0x80 == 0 || frame.isEmpty { frame = make(word) }
        return (frame, Timestamp(nanoseconds: now))
    }

    private mutating func make(_ word: [UInt8]) -> [UInt8] {
        let flow = Int(word[0] & 3)
        let side = Int(word[0] >> 2 & 1)
        let own = flow * 2 + side
        let other = flow * 2 + 1 - side
        let seven = Int64(Int8(bitPattern: word[6]) >> 4)
        let low = Int64(Int8(bitPattern: word[6] << 4) >> 4)
        let sequence = UInt32(
            truncatingIfNeeded: Int64(next[own]) + Self.offsets[Int(word[2] >> 4)] + seven)
        let acknowledged = UInt32(
            truncatingIfNeeded: Int64(next[other]) + Self.offsets[Int(word[2] & 15)] + low)
        let length = Self.lengths[Int(word[3] & 7)]
        let flags = TCPFlags(rawValue: UInt16(word[1]))
        let window = word[4] < 16 ? UInt16(word[4]) : UInt16(word[4]) << 8
        // Twenty bytes of IPv4 and of TCP each, then options; checksums, which nobody looks at, are 0.
        var bytes: [UInt8] = [0x45, 0, 0, 0, 0, 0, 0, 0, 64 - (word[7] & 1), 6, 0, 0]
        // The last connection talks to itself.
        let server: UInt8 = flow == 3 ? 1 : 2
        bytes += [10, 0, 0, side == 0 ? 1 : server, 10, 0, 0, side == 0 ? server : 1]
        let ports: (UInt16, UInt16) = (UInt16(40_000 + flow), flow == 3 ? 40_003 : 80)
        append(side == 0 ? ports.0 : ports.1, to: &bytes)
        append(side == 0 ? ports.1 : ports.0, to: &bytes)
        append(sequence, to: &bytes)
        append(acknowledged, to: &bytes)
        bytes += [0x50, word[1]]
        append(window, to: &bytes)
        bytes += [0, 0, 0, 0]
        if word[0] & 0x20 != 0 {
            let clock = UInt32(truncatingIfNeeded: now / 1_000_000)
            bytes += [1, 1, 8, 10]
            append(clock &- UInt32(word[7] >> 4), to: &bytes)
            append(clock &- UInt32(word[7] & 15), to: &bytes)
        }
        if word[0] & 0x40 != 0 {
            bytes += flags.contains(.syn) ? [1, 3, 3, word[7] & 15] : [1, 1, 4, 2]
        }
        bytes[32] = UInt8((bytes.count - 20) / 4) << 4
        // The payload is on the wire and not in the capture: only its length counts.
        let total = bytes.count + length
        bytes[2] = UInt8(truncatingIfNeeded: total >> 8)
        bytes[3] = UInt8(truncatingIfNeeded: total)
        if word[4] == 255 { bytes = icmp(quoting: bytes, code: word[7] & 15) }
        var taken = UInt32(length)
        if flags.contains(.syn) { taken += 1 }
        if flags.contains(.fin) { taken += 1 }
        if Self.offsets[Int(word[2] >> 4)] >= 0 { next[own] = sequence &+ taken }
        return word[0] & 0x10 == 0 ? bytes : Self.tagged + bytes
    }

    /// Ethernet with an 802.1Q tag, IPv4 to follow.
    private static let tagged: [UInt8] = [
        2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 7, 8, 0,
    ]

    /// The packet's receiver, or a router before it, cannot deliver it. RFC 792.
    private func icmp(quoting packet: [UInt8], code: UInt8) -> [UInt8] {
        let length = UInt8(truncatingIfNeeded: 28 + packet.count)
        return [0x45, 0, 0, length, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 254, 10, 0, 0, 1]
            + [3, code, 0, 0, 0, 0, 0, 0] + packet
    }

    private func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
