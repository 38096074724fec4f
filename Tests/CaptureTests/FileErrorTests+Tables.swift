import Capture
import Testing

extension FileErrorTests {
    /// Damage to a pcapng file with three packets, and the reason it must give.
    struct Damage: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let fileError: FileError
        let make: @Sendable (inout CaptureBytes) -> Void
    }

    static let damages = [
        Damage(testDescription: "no multiple of 4", fileError: .blockLength(30)) {
            $0.block(5, length: 30)
        },
        Damage(testDescription: "below 12", fileError: .blockLength(8)) { $0.block(5, length: 8) },
        Damage(testDescription: "trailer", fileError: .blockLengths(16, 20)) {
            $0.block(5, trailer: 20) { $0.append(UInt32(0)) }
        },
        Damage(testDescription: "huge", fileError: .blockTooLong(0x2000_0000, limit: 16 << 20)) {
            $0.block(5, length: 0x2000_0000)
        },
        Damage(testDescription: "unknown interface", fileError: .unknownInterface(1)) {
            $0.packet(1, [1], interface: 1)
        },
        Damage(testDescription: "captured length", fileError: .blockTooShort(type: 6)) {
            $0.packet(1, [1], captured: 5)
        },
        Damage(
            testDescription: "beyond the limit", fileError: .capturedLength(262_145, limit: 262_144)
        ) { $0.packet(1, [1], captured: 262_145) },
        Damage(testDescription: "short packet block", fileError: .blockTooShort(type: 6)) {
            $0.block(6) { $0.append(UInt64(0)) }
        },
        Damage(testDescription: "short simple packet", fileError: .blockTooShort(type: 3)) {
            $0.block(3)
        },
        Damage(testDescription: "short interface", fileError: .blockTooShort(type: 1)) {
            $0.block(1)
        },
        Damage(testDescription: "resolution", fileError: .interfaceOption(code: 9)) {
            $0.interface(options: [.init(code: 9, value: [99])])
        },
        Damage(testDescription: "two resolutions", fileError: .interfaceOption(code: 9)) {
            $0.interface(options: [.init(code: 9, value: [9]), .init(code: 9, value: [9])])
        },
        Damage(testDescription: "short offset", fileError: .interfaceOption(code: 14)) {
            $0.interface(options: [.init(code: 14, value: [9])])
        },
        Damage(testDescription: "later version", fileError: .version(major: 2, minor: 0)) {
            $0.section(.little, major: 2)
        },
    ]

    /// First bytes of files that are no captures, and what they are taken for.
    static let strangers: [([UInt8], FileError)] = [
        ([], .empty),
        ([0xd4, 0xc3], .notCapture(.short(2))),
        ([0x1f, 0x8b, 8, 0], .packed(.gzip, .cut)),
        ([0x1f, 0x8b, 7, 0], .notCapture(.gzip)),
        ([0x28, 0xb5, 0x2f, 0xfd], .packed(.zstandard, .cut)),
        ([UInt8]("BZh91AY".utf8), .notCapture(.bzip2)),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], .notCapture(.xz)),
        ([0x04, 0x22, 0x4d, 0x18], .notCapture(.lz4)),
        ([0x50, 0x4b, 3, 4], .notCapture(.zip)),
        ([UInt8]("snoop\0\0\0".utf8), .notCapture(.snoop)),
        ([UInt8]("GMBU".utf8), .notCapture(.networkMonitor)),
        ([0xa1, 0xb2, 0x34, 0xcd], .notCapture(.pcapVariant)),
        ([UInt8]("12:00 IP a.b > c.d: Flags [S]\n".utf8), .notCapture(.text)),
        ([0x7f, 0x45, 0x4c, 0x46], .notCapture(.unknown(0x7f45_4c46))),
        (CaptureBytes.classic(version: (3, 1)).bytes, .version(major: 3, minor: 1)),
        (CaptureBytes.section(major: 1, minor: 1).bytes, .version(major: 1, minor: 1)),
    ]
}
