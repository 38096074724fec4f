import Glibc
import TestKit
import Wire

/// Writes Ethernet frames into a classic pcap file, fast. draft-ietf-opsawg-pcap.
@safe
struct CaptureWriter: ~Copyable {
    private static let capacity = 4 << 20
    /// Record header, Ethernet, IPv6, TCP with the options of a SYN.
    private static let longestHeaders = 16 + 14 + 40 + 40
    /// 2023-11-14T22:13:20Z.
    private static let start: UInt64 = 1_700_000_000

    private let path: String
    private let descriptor: Int32
    private let snapshotLength: Int
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    private let text = PayloadText()
    private var used = 0
    private(set) var frames = 0
    private(set) var bytes = 0

    init(path: String, snapshotLength: Int) throws(BenchmarkError) {
        self.path = path
        self.snapshotLength = snapshotLength
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        let head = PcapWriter(snapshotLength: UInt32(snapshotLength)).bytes
        for byte in head {
            unsafe buffer.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
            used += 1
        }
    }

    deinit {
        close(descriptor)
        unsafe buffer.deallocate()
    }

    /// Writes what is still held back.
    mutating func flush() throws(BenchmarkError) {
        var done = 0
        while done < used {
            let count = unsafe Glibc.write(descriptor, buffer + done, used - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("write", path, errno) }
            done += count
        }
        bytes += used
        used = 0
    }

    /// Writes a packet's frame, cut at the snapshot length.
    mutating func write(_ packet: borrowing Packet) throws(BenchmarkError) {
        if used + Self.longestHeaders + packet.payload > Self.capacity { try flush() }
        let isIPv6 = packet.source.isIPv6
        let headers = 14 + (isIPv6 ? 40 : 20) + packet.headerLength
        let captured = min(headers + packet.payload, snapshotLength)
        var fields = unsafe Fields(buffer + used)
        unsafe fields.put((Self.start + packet.time / 1_000_000).uint32.byteSwapped)
        unsafe fields.put((packet.time % 1_000_000).uint32.byteSwapped)
        unsafe fields.put(UInt32(captured).byteSwapped)
        unsafe fields.put(UInt32(headers + packet.payload).byteSwapped)
        // Locally administered addresses.
        unsafe fields.put(0x0200_0000 as UInt32)
        unsafe fields.put(packet.destination.port)
        unsafe fields.put(0x0200_0000 as UInt32)
        unsafe fields.put(packet.source.port)
        unsafe fields.put((isIPv6 ? 0x86dd : 0x0800) as UInt16)
        if isIPv6 { unsafe fields.putIPv6(packet) } else { unsafe fields.putIPv4(packet) }
        let offset = text.offset(of: packet.sequenceNumber)
        let sum = packet.payload > 0 ? text.sum(from: offset, count: packet.payload) : 0
        unsafe fields.putTCP(packet, payloadSum: sum)
        if captured > headers {
            unsafe text.bytes.withUnsafeBytes {
                unsafe (buffer + used + 16 + headers).copyMemory(
                    from: $0.baseAddress! + offset, byteCount: captured - headers)
            }
        }
        used += 16 + captured
        frames += 1
    }
}

/// Writes header fields one behind the other, in network byte order, and adds them up.
@unsafe
private struct Fields {
    private var destination: UnsafeMutableRawPointer
    private var sum: UInt64 = 0

    init(_ destination: UnsafeMutableRawPointer) { unsafe self.destination = destination }

    /// Writes a field that no checksum covers.
    @inline(__always)
    mutating func put<Field: FixedWidthInteger>(_ field: Field) {
        unsafe destination.storeBytes(of: field.bigEndian, as: Field.self)
        unsafe destination += MemoryLayout<Field>.size
    }

    @inline(__always)
    private mutating func add(_ field: UInt32) {
        unsafe sum &+= UInt64(field >> 16) &+ UInt64(field & 0xffff)
    }

    @inline(__always)
    private mutating func putSummed(_ field: UInt32) {
        unsafe add(field)
        unsafe put(field)
    }

    @inline(__always)
    private mutating func putSummed(_ field: UInt64) {
        unsafe putSummed((field >> 32).uint32)
        unsafe putSummed(field.uint32)
    }

    /// The Internet checksum of what was added up. RFC 1071.
    private func checksum() -> UInt16 {
        var folded = unsafe sum
        while folded > 0xffff { folded = folded >> 16 &+ folded & 0xffff }
        return ~UInt16(folded)
    }

    mutating func putIPv4(_ packet: borrowing Packet) {
        let length = UInt32(20 + packet.headerLength + packet.payload)
        let source = packet.source.low.uint32
        let destination = packet.destination.low.uint32
        // Version 4, header of five words; don't fragment; 64 hops, TCP.
        let words: (UInt32, UInt32, UInt32) = (0x4500 << 16 | length, 0x4000, 0x4006 << 16)
        unsafe sum = 0
        unsafe add(words.0)
        unsafe add(words.1)
        unsafe add(words.2)
        unsafe add(source)
        unsafe add(destination)
        unsafe put(words.0)
        unsafe put(words.1)
        unsafe put(words.2 | UInt32(checksum()))
        unsafe sum = 0
        unsafe putSummed(source)
        unsafe putSummed(destination)
    }

    mutating func putIPv6(_ packet: borrowing Packet) {
        unsafe put(0x6000_0000 as UInt32)
        unsafe put(UInt16(packet.headerLength + packet.payload))
        // TCP, 64 hops.
        unsafe put(0x0640 as UInt16)
        unsafe sum = 0
        unsafe putSummed(packet.source.high)
        unsafe putSummed(packet.source.low)
        unsafe putSummed(packet.destination.high)
        unsafe putSummed(packet.destination.low)
    }

    /// Writes the TCP header; the addresses have been added up.
    mutating func putTCP(_ packet: borrowing Packet, payloadSum: UInt64) {
        let length = packet.headerLength
        let isSYN = packet.flags.contains(.syn)
        let window: UInt32 = isSYN ? 64240 : packet.flags.contains(.rst) ? 0 : 501
        unsafe sum &+= payloadSum
        unsafe add(UInt32(6 + length + packet.payload))
        unsafe putSummed(UInt32(packet.source.port) << 16 | UInt32(packet.destination.port))
        unsafe putSummed(packet.sequenceNumber)
        unsafe putSummed(packet.flags.contains(.ack) ? packet.acknowledgmentNumber : 0)
        unsafe putSummed(
            UInt32(length / 4) << 28 | UInt32(packet.flags.rawValue) << 16 | window)
        let checksumField = unsafe destination
        unsafe put(0 as UInt32)
        if packet.hasOptions {
            if isSYN {
                // Maximum segment size; selective acknowledgment permitted, head of the timestamps.
                unsafe putSummed(UInt32(0x0204_0000) | UInt32(packet.source.isIPv6 ? 1440 : 1460))
                unsafe putSummed(0x0402_080a as UInt32)
            } else {
                unsafe putSummed(0x0101_080a as UInt32)
            }
            unsafe putSummed(packet.timestamp)
            unsafe putSummed(packet.echo)
            // Window scale 7.
            if isSYN { unsafe putSummed(0x0103_0307 as UInt32) }
        }
        unsafe checksumField.storeBytes(of: checksum().bigEndian, as: UInt16.self)
    }
}

extension Packet {
    /// Bytes of the TCP header.
    fileprivate var headerLength: Int {
        guard hasOptions else { return 20 }
        return flags.contains(.syn) ? 40 : 32
    }
}

extension UInt64 {
    /// The low half.
    fileprivate var uint32: UInt32 { UInt32(truncatingIfNeeded: self) }
}
