extension CaptureReader {
    /// Who reads the files. The frames are the same.
    public enum Backend: String, CaseIterable, Sendable {
        /// The reader of our own; libpcap for files that only it knows.
        case automatic
        /// libpcap, at five to ten times the cost per frame.
        case libpcap
        /// The reader of our own, and nothing else.
        case own
    }
}
