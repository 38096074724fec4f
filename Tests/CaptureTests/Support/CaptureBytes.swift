/// The bytes of a capture file, written field by field in one byte order.
struct CaptureBytes {
    /// A byte order to write in.
    enum Order: CaseIterable {
        case little
        case big
    }

    var order: Order
    private(set) var bytes: [UInt8] = []

    init(_ order: Order = .little) { self.order = order }

    /// Takes bytes as they are.
    init(raw bytes: some Sequence<UInt8>) {
        order = .little
        self.bytes = Array(bytes)
    }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        let ordered = order == .little ? number.littleEndian : number.bigEndian
        withUnsafeBytes(of: ordered) { bytes.append(contentsOf: $0) }
    }

    mutating func append(bytes more: [UInt8]) { bytes += more }

    // Classic pcap.

    /// A classic file header.
    static func classic(
        _ order: Order = .little, magic: UInt32 = 0xa1b2_c3d4, version: (UInt16, UInt16) = (2, 4),
        snapshotLength: UInt32 = 65_535, linkType: UInt32 = 1
    ) -> CaptureBytes {
        var file = CaptureBytes(order)
        file.append(magic)
        file.append(version.0)
        file.append(version.1)
        file.append(UInt64(0))
        file.append(snapshotLength)
        file.append(linkType)
        return file
    }

    /// A classic record: its two lengths are those of `data` where they are not given.
    mutating func record(
        _ seconds: UInt32, _ fraction: UInt32, _ data: [UInt8], captured: UInt32? = nil,
        wire: UInt32? = nil, extra: Int = 0
    ) {
        append(seconds)
        append(fraction)
        append(captured ?? UInt32(data.count))
        append(wire ?? UInt32(data.count))
        append(bytes: [UInt8](repeating: 0xee, count: extra) + data)
    }

    // pcapng.

    /// A pcapng option.
    struct Option {
        let code: UInt16
        let value: [UInt8]
    }

    /// A pcapng file, or section, with nothing but its header.
    static func section(
        _ order: Order = .little, major: UInt16 = 1, minor: UInt16 = 0
    ) -> CaptureBytes {
        var file = CaptureBytes(order)
        file.section(order, major: major, minor: minor)
        return file
    }

    mutating func section(_ order: Order, major: UInt16 = 1, minor: UInt16 = 0) {
        self.order = order
        block(0x0a0d_0d0a) {
            $0.append(UInt32(0x1a2b_3c4d))
            $0.append(major)
            $0.append(minor)
            $0.append(UInt64.max)
        }
    }

    /// A block; `length` instead of the true one for both its lengths, or `trailer` for the last.
    mutating func block(
        _ type: UInt32, options: [Option] = [], length: UInt32? = nil, trailer: UInt32? = nil,
        _ content: (inout CaptureBytes) -> Void = { _ in }
    ) {
        var body = CaptureBytes(order)
        content(&body)
        for option in options {
            body.append(option.code)
            body.append(UInt16(option.value.count))
            body.append(bytes: option.value)
            body.pad()
        }
        if !options.isEmpty { body.append(UInt32(0)) }
        body.pad()
        let total = UInt32(body.bytes.count + 12)
        append(type)
        append(length ?? total)
        bytes += body.bytes
        append(trailer ?? length ?? total)
    }

    private mutating func pad() { while bytes.count % 4 != 0 { bytes.append(0) } }

    mutating func interface(
        linkType: UInt16 = 1, snapshotLength: UInt32 = 0, options: [Option] = []
    ) {
        block(1, options: options) {
            $0.append(linkType)
            $0.append(UInt16(0))
            $0.append(snapshotLength)
        }
    }

    /// An Enhanced Packet Block, or with type 2 the obsolete Packet Block.
    mutating func packet(
        _ units: UInt64, _ data: [UInt8], interface: UInt32 = 0, captured: UInt32? = nil,
        wire: UInt32? = nil, type: UInt32 = 6, options: [Option] = []
    ) {
        block(type, options: options) {
            if type == 6 {
                $0.append(interface)
            } else {
                $0.append(UInt16(interface))
                $0.append(UInt16(0xffff))
            }
            $0.append(UInt32(units >> 32))
            $0.append(UInt32(truncatingIfNeeded: units))
            $0.append(captured ?? UInt32(data.count))
            $0.append(wire ?? UInt32(data.count))
            $0.append(bytes: data)
            $0.pad()
        }
    }

    mutating func simplePacket(_ data: [UInt8], wire: UInt32? = nil) {
        block(3) {
            $0.append(wire ?? UInt32(data.count))
            $0.append(bytes: data)
        }
    }

    mutating func statistics(interface: UInt32 = 0, _ counters: [UInt16: UInt64]) {
        let options = counters.sorted { $0.key < $1.key }.map { code, count in
            var value = CaptureBytes(order)
            value.append(count)
            return Option(code: code, value: value.bytes)
        }
        block(5, options: options) {
            $0.append(interface)
            $0.append(UInt64(0))
        }
    }
}
