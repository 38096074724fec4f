internal import Capture
internal import Glibc
internal import Wire

/// A file that is written anew for every run.
private let file: (path: String, descriptor: CInt) = {
    let folder = unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = "\(folder)/wirestate-fuzz-XXXXXX".utf8CString.map { $0 }
    let descriptor = unsafe mkstemp(&template)
    require(descriptor >= 0, "no temporary file")
    unsafe unlink(template)
    return ("/proc/self/fd/\(descriptor)", descriptor)
}()

/// Reads the bytes as a file with both readers.
func fuzzReader(_ bytes: Span<UInt8>) {
    ftruncate(file.descriptor, 0)
    unsafe bytes.withUnsafeBytes { all in
        _ = unsafe pwrite(file.descriptor, all.baseAddress, all.count, 0)
    }
    // Link types with headers in the host's byte order are left to libpcap where the file has another.
    let unit = hasTimesBeyondLibpcap(bytes) ? 1_000_000_000 : 1
    let own = Readout(.automatic, timeUnit: Int64(unit))
    let reference = Readout(.libpcap, timeUnit: Int64(unit))
    // libpcap gives up where sections or interfaces differ, and calls a section without interfaces
    // trouble: we go on. Before the first interface it takes no notice of sections: we do.
    let gaveUp =
        reference.problem.contains("different") || reference.problem.contains("has no Interface")
    let isOursAlone = own.sums.isEmpty && hasSectionAfterItsFirst(bytes)
    let isAlike =
        own.sums == reference.sums && own.problem.isEmpty == reference.problem.isEmpty
        || gaveUp && own.sums.starts(with: reference.sums)
        || isOursAlone && reference.sums.starts(with: own.sums)
    require(
        isAlike,
        "own: \(own.sums.count) \(own.problem)\nlibpcap: \(reference.sums.count) \(reference.problem)"
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

/// What a reader made of the file.
private struct Readout {
    /// A sum over each frame.
    var sums: [UInt64] = []
    var problem = ""

    /// - Parameter timeUnit: nanoseconds; what is finer is not compared.
    init(_ engine: CaptureReader.Backend, timeUnit: Int64) {
        guard var reader = try? CaptureReader(files: [file.path], engine: engine) else {
            fatalError("refused without a filter")
        }
        var number: UInt64 = 0
        while let frame = reader.next() {
            var sum: UInt64 = 0xcbf2_9ce4_8422_2325
            func add(_ word: UInt64) { sum = (sum ^ word) &* 0x100_0000_01b3 }
            for index in frame.bytes.indices { add(UInt64(frame.bytes[index])) }
            add(UInt64(truncatingIfNeeded: frame.wireLength))
            add(UInt64(bitPattern: frame.timestamp.nanoseconds / timeUnit))
            add(UInt64(frame.linkType.rawValue))
            // Blocks that libpcap skips and Wireshark numbers count.
            require(frame.number > number, "numbers do not rise")
            number = frame.number
            sums.append(sum)
        }
        require(reader.framesRead == UInt64(sums.count), "frames read are not those handed out")
        require(reader.problems.count <= 1, "one file, several problems")
        problem = reader.problems.first?.description ?? ""
        _ = reader.summaries
        _ = reader.interfaces
    }
}
