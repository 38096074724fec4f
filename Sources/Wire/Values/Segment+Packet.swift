extension Segment {
    /// The segment as an IP packet without payload: IP and TCP headers with the options that are known,
    /// lengths as they were, and checksums that are right for a payload of zeros.
    ///
    /// What no field of a segment holds (type of service, IP options, urgent pointer) is 0.
    public var headers: [UInt8] {
        let options = optionBytes
        let tcpLength = 20 + options.count + Int(payloadLength)
        var tcp: [UInt8] = []
        tcp.append(big: sourcePort)
        tcp.append(big: destinationPort)
        tcp.append(big: sequenceNumber.rawValue)
        tcp.append(big: acknowledgmentNumber.rawValue)
        tcp.append(UInt8((20 + options.count) / 4) << 4)
        tcp.append(UInt8(truncatingIfNeeded: flags.rawValue))
        tcp.append(big: window)
        tcp += [0, 0, 0, 0] + options
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: source, destination: destination, length: tcpLength)
        sum.add(tcp.span)
        tcp.replace(at: 16, big: sum.field)
        return internetHeader(tcpLength) + tcp
    }

    private func internetHeader(_ length: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        guard source.isIPv4 else {
            bytes.append(big: 6 << 28 as UInt32)
            bytes.append(big: UInt16(truncatingIfNeeded: length > 0xffff ? 0 : length))
            bytes += [6, timeToLive]
            for half in [source.high, source.low, destination.high, destination.low] {
                bytes.append(big: half)
            }
            return bytes
        }
        bytes += [0x45, 0]
        bytes.append(big: UInt16(truncatingIfNeeded: length + 20 > 0xffff ? 0 : length + 20))
        bytes.append(big: identification)
        bytes += [0x40, 0, timeToLive, 6, 0, 0]
        bytes.append(big: UInt32(truncatingIfNeeded: source.low))
        bytes.append(big: UInt32(truncatingIfNeeded: destination.low))
        var sum = InternetChecksum()
        sum.add(bytes.span)
        bytes.replace(at: 10, big: sum.field)
        return bytes
    }

    /// The known options, padded to a multiple of four with NOP. RFC 9293, section 3.2.
    private var optionBytes: [UInt8] {
        var bytes: [UInt8] = []
        let present = options.present
        if present.contains(.maximumSegmentSize) {
            bytes += [2, 4]
            bytes.append(big: options.maximumSegmentSize)
        }
        if present.contains(.sackPermitted) { bytes += [4, 2] }
        if present.contains(.windowScale) { bytes += [3, 3, options.windowScale] }
        if present.contains(.timestamps) {
            bytes += [8, 10]
            bytes.append(big: options.timestampValue)
            bytes.append(big: options.timestampEcho)
        }
        if present.contains(.sack) {
            bytes += [5, 10]
            bytes.append(big: options.sackLeft.rawValue)
            bytes.append(big: options.sackRight.rawValue)
        }
        return bytes + [UInt8](repeating: 1, count: (4 - bytes.count % 4) % 4)
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(big value: Number) {
        for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    fileprivate mutating func replace(at offset: Int, big value: UInt16) {
        self[offset] = UInt8(value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }
}
