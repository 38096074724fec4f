internal import Capture

/// Reads the bytes as a file with both readers, and with our own in blocks of frames.
func fuzzReader(_ bytes: Span<UInt8>) {
    let file = ScratchFile.all[0]
    file.write(bytes)
    // Link types with headers in the host's byte order are left to libpcap where the file has another.
    let unit = hasTimesBeyondLibpcap(bytes) ? 1_000_000_000 : 1
    let own = Readout([file.path], timeUnit: Int64(unit))
    let alone = Readout([file.path], .own)
    let inBlocks = Readout([file.path], .own, inBlocks: true)
    require(
        inBlocks.frames.map(\.sum) == alone.frames.map(\.sum)
            && inBlocks.problem == alone.problem,
        "\(inBlocks.frames.count) frames in blocks, \(alone.frames.count) one by one")
    let reference = Readout([file.path], .libpcap, timeUnit: Int64(unit))
    let (sums, referenceSums) = (own.frames.map(\.sum), reference.frames.map(\.sum))
    // libpcap gives up where sections or interfaces differ, and calls a section without interfaces
    // trouble; its reader refuses frames of several interfaces: we go on. Before the first interface it
    // takes no notice of sections: we do.
    let gaveUp = ["different", "has no Interface", "interfaces apart"]
        .contains { reference.problem.contains($0) }
    let isOursAlone = sums.isEmpty && hasSectionAfterItsFirst(bytes)
    let isAlike =
        sums == referenceSums && own.problem.isEmpty == reference.problem.isEmpty
        || gaveUp && sums.starts(with: referenceSums)
        || isOursAlone && referenceSums.starts(with: sums)
    require(
        isAlike,
        "own: \(sums.count) \(own.problem)\nlibpcap: \(referenceSums.count) \(reference.problem)"
    )
}

/// Whether there may be a section behind the first one.
private func hasSectionAfterItsFirst(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices.dropFirst().dropLast(3) where bytes[index] == 10 {
        if bytes[index + 1] == 13, bytes[index + 2] == 13, bytes[index + 3] == 10 { return true }
    }
    return false
}

/// Whether an `if_tsresol` may be finer than 2⁻³⁴ seconds: libpcap multiplies the fraction by a billion in
/// 64 bits, and of such a one only the seconds are right.
private func hasTimesBeyondLibpcap(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices.dropLast(4) where bytes[index + 4] > 0x80 | 34 {
        let code = UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
        let length = UInt16(bytes[index + 2]) << 8 | UInt16(bytes[index + 3])
        if (code, length) == (9, 1) || (code.byteSwapped, length.byteSwapped) == (9, 1) {
            return true
        }
    }
    return false
}
