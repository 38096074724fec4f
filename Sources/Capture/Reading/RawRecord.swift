internal import CPcap
internal import Wire

/// A frame that has been found in a file's buffer, before it is lent out.
///
/// It stays valid until the file it comes from moves on; other files may move meanwhile.
@unsafe
struct RawRecord {
    /// The first captured byte.
    let bytes: UnsafePointer<UInt8>
    /// Captured length in bytes.
    let capturedLength: Int
    /// Length on the wire in bytes.
    let wireLength: Int
    let timestamp: Timestamp
    let linkType: LinkType
    /// See ``Frame/interface``.
    let interface: UInt32
    let file: UInt16
    let number: UInt64
    /// The filter's program for the link type, if there is one.
    let program: UnsafePointer<bpf_program>?

    /// The same with its bytes in another place.
    func moved(to bytes: UnsafePointer<UInt8>) -> RawRecord {
        unsafe RawRecord(
            bytes: bytes, capturedLength: capturedLength, wireLength: wireLength,
            timestamp: timestamp, linkType: linkType, interface: interface, file: file,
            number: number, program: program)
    }

    /// The same with another number.
    func numbered(_ number: UInt64) -> RawRecord {
        unsafe RawRecord(
            bytes: bytes, capturedLength: capturedLength, wireLength: wireLength,
            timestamp: timestamp, linkType: linkType, interface: interface, file: file,
            number: number, program: program)
    }
}
