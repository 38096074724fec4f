/// What a checksum says about the bytes it covers.
public enum ChecksumVerdict: Sendable {
    /// The sum is right.
    case correct
    /// The sum is wrong; on the sending host, that is normal for segments whose sum the hardware fills in.
    case wrong
    /// The capture, or fragmentation, left out some of the bytes.
    case notCaptured
}
