import Foundation
import Fuzzing
import TestKit
import Testing

/// The fuzz targets with a fixed number of inputs, from the captures of the sources and from noise:
/// equal seeds, equal inputs. One after another: they share files. `Scripts/fuzz` goes on from here.
@Suite(.serialized) struct FuzzTargetTests {
    private static let captures: [[UInt8]] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Captures")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
            .compactMap { try? Data(contentsOf: folder.appendingPathComponent($0)) }
            .map { [UInt8]($0.prefix(4_096)) }
    }()

    /// Values that lengths and numbers break at.
    private static let nasty: [UInt8] = [0, 1, 0x0f, 0x10, 0x7f, 0x80, 0xfe, 0xff]

    private func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let offset = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[offset] = Self.nasty.randomElement(using: &random) ?? 0
            case 1: bytes[offset] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 3: bytes.removeSubrange(offset..<min(offset + 4, bytes.count))
            case 4: bytes.insert(contentsOf: random.bytes(4), at: offset)
            default: bytes.removeLast(Int.random(in: 0...bytes.count / 8, using: &random))
            }
        }
    }

    @Test func `damaged captures are read alike by both readers`() {
        #expect(!Self.captures.isEmpty)
        var random = SplitMix64(seed: 1)
        for capture in Self.captures {
            for _ in 0..<20 {
                var bytes = capture
                damage(&bytes, &random)
                FuzzTarget.reader.run(bytes.span)
            }
        }
    }

    @Test func `frames of two interfaces, which libpcap's reader refuses, are no difference`() {
        func word(_ value: UInt32) -> [UInt8] { [0, 8, 16, 24].map { UInt8(value >> $0 & 0xff) } }
        func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
            let length = word(UInt32(12 + body.count))
            return word(type) + length + body + length
        }
        func packet(interface: UInt32) -> [UInt8] {
            block(6, word(interface) + word(0) + word(1) + word(4) + word(4) + [1, 2, 3, 4])
        }
        let section = block(
            0x0a0d_0d0a, word(0x1a2b_3c4d) + word(1) + [UInt8](repeating: 0xff, count: 8))
        let interface = block(1, word(1) + word(0))
        let capture =
            section + interface + interface + packet(interface: 0) + packet(interface: 1)
        FuzzTarget.reader.run(capture.span)
        let damaged = capture + packet(interface: 0).prefix(20)
        FuzzTarget.reader.run(damaged.span)
    }

    @Test func `damaged captures give merged what they give alone, and text in every format`() {
        var random = SplitMix64(seed: 4)
        let names = [
            [], Array("a\u{1b}[2J\u{9b}|`\u{202e}\n".utf8) + [0xff], Array("]]>&<\"\\".utf8),
        ]
        for (index, capture) in Self.captures.enumerated() {
            var other = Self.captures[(index + 1) % Self.captures.count]
            for count in 0..<6 {
                var bytes = Array(capture.prefix(2_000))
                damage(&bytes, &random)
                damage(&other, &random)
                let length = [UInt8(truncatingIfNeeded: bytes.count), UInt8(bytes.count >> 8)]
                FuzzTarget.merge.run(([0] + length + bytes + other).span)
                let name = names[count % names.count]
                FuzzTarget.text.run(([UInt8(count * 9), UInt8(name.count)] + name + bytes).span)
            }
        }
    }

    /// What `Scripts/fuzz all` has learned; its file is written by Scripts/fuzzing/corpus.py.
    @Test(arguments: FuzzTarget.allCases)
    func `inputs that once reached new code break nothing`(target: FuzzTarget) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Corpus/\(target.rawValue).corpus")
        var rest = [UInt8](try Data(contentsOf: file))[...]
        var count = 0
        while rest.count >= 4 {
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            target.run(Array(rest.prefix(length)).span)
            rest = rest.dropFirst(length)
            count += 1
        }
        #expect(count > 10 && rest.isEmpty)
    }

    @Test(arguments: [FuzzTarget.decoder, .tracker])
    func `noise breaks nothing`(target: FuzzTarget) {
        var random = SplitMix64(seed: 2)
        for _ in 0..<1_000 {
            var bytes = random.bytes(Int.random(in: 2...300, using: &random))
            bytes[1] |= 16
            target.run(bytes.span)
        }
    }

    @Test func `scripts of plausible segments keep the tracker's books, pass two taps, and go on`()
    {
        let flags: [UInt8] = [0x02, 0x12, 0x10, 0x10, 0x18, 0x11, 0x11, 0x04, 0x14, 0x01]
        var random = SplitMix64(seed: 3)
        for round in 0..<600 {
            var script: [UInt8] = [UInt8.random(in: 0...255, using: &random), 16]
            for _ in 0..<Int.random(in: 4...60, using: &random) {
                script += [
                    random.bytes(1)[0] & 0x37, flags.randomElement(using: &random) ?? 0,
                    [0, 0, 0, 0x10, 0x40, 0x04].randomElement(using: &random) ?? 0,
                    UInt8.random(in: 0...5, using: &random), 0xfa,
                    UInt8.random(in: 0...15, using: &random), 0, 0,
                ]
            }
            FuzzTarget.tracker.run(script.span)
            guard round % 20 == 0 else { continue }
            let path = random.bytes(8)
            FuzzTarget.comparison.run((random.bytes(2) + [7] + path + script).span)
            let chained: [UInt8] = script[..<2] + [2] + random.bytes(6) + script[2...]
            FuzzTarget.checkpoint.run(chained.span)
        }
    }

    /// What the fuzzer found: two connections on one pair of ends with different tags, and a FIN after a
    /// RST and a new handshake, each with the sign that the capture began in a half-close.
    @Test(
        arguments: [
            [
                0x00, 0x10,
                0x01, 0x18, 0x00, 0x05, 0x7f, 0x7f, 0x71, 0x71,
                0x71, 0x71, 0x71, 0x71, 0x7f, 0x7f, 0x7f, 0x00,
                0x01, 0x11, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
                0x05, 0x10, 0x00, 0x00, 0x00, 0x02, 0x00, 0x05,
            ],
            [
                0x00, 0xb7,
                0x00, 0x10, 0x00, 0x5b, 0x00, 0x00, 0x02, 0x00,
                0x00, 0x04, 0x00, 0x0f, 0x81, 0x00, 0x02, 0x00,
                0x00, 0xfa, 0x00, 0x00, 0x00, 0x04, 0x02, 0x00,
                0x00, 0x01, 0x02, 0x00, 0x00, 0x01, 0x18, 0x00,
                0x04, 0x10, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
            ],
        ] as [[UInt8]])
    func `a script that once broke the books`(script: [UInt8]) {
        FuzzTarget.tracker.run(script.span)
    }
}
