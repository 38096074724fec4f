public import Wire

/// What is known of a capture as a whole when its findings are judged.
public struct CaptureFacts: Sendable {
    /// The servers that it was taken on, as far as known.
    public var servers: Set<Address> = []
    /// Where it was taken, as the user says or most connections show; nil if nothing tells.
    public var vantage: Vantage?
    /// The capture filter that must have made it; nil if none is needed to explain it.
    public var filter: CaptureFilter?
    /// Whether segments without SYN, FIN and RST are in it.
    public var hasPlainSegments = true

    /// Whether some SYNs, not most, have a wrong TCP checksum: then their receivers drop them.
    public var hasBrokenSYNs = false
    /// Whether the TCP checksum of any SYN could be computed: not where the snapshot length cuts its options.
    public var hasCheckedSYNs = true

    /// Whether it has segments before and behind a translator.
    public var hasTranslatedCopies = false
    /// Whether it has segments before and behind a router: each end has two times to live.
    public var hasRoutedCopies = false
    /// Whether many frames, one in a hundred at least, are out of order in the file.
    public var hasDisorder = false

    /// Nothing is known.
    public init() {}

    /// What a capture's quality and its tap tell.
    public init(_ quality: CaptureQuality, vantage: Vantage?, hosts: Set<Address>) {
        self.vantage = vantage
        servers = vantage == .server ? hosts : []
        filter = quality.filter
        hasPlainSegments = quality.plainSegments > 0
        let sample = quality.frames
        hasDisorder =
            quality.framesBackInTime > 0
            && quality.framesBackInTime >= quality.framesRead / 100
        hasTranslatedCopies = sample.translatedCopies > 0
        hasRoutedCopies = sample.routedCopies > 0
        hasBrokenSYNs = sample.brokenSYNs > 0 && sample.brokenSYNs < sample.soundSYNs
        hasCheckedSYNs = sample.brokenSYNs + sample.soundSYNs > 0
    }
}

/// What kind of capture filter explains what is never seen in a capture.
public enum CaptureFilter: Sendable {
    /// SYNs only: hosts that get no answer repeat them, and none is repeated.
    case synOnly
    /// Segments with payload only: not one bare acknowledgment.
    case payloadOnly
    /// SYN, FIN and RST only.
    case flagsOnly
}
