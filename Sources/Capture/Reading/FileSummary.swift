public import Wire

/// What is known of a capture file, so far or in the end.
public struct FileSummary: Hashable, Sendable {
    /// The path as it was given.
    public let path: String
    /// The format in words, such as `pcap, nanoseconds, little-endian`; "" if it is no capture.
    public let format: String
    /// Bytes taken from the file so far.
    public let bytesRead: Int64
    /// The file's size in bytes; `nil` for a pipe or a file that could not be opened.
    public let size: Int64?
    /// Frames walked over so far, whether a filter let them pass or not.
    public let frames: UInt64
    /// The interfaces that the file describes; one, without a name, for classic pcap.
    public let interfaces: [CaptureInterface]

    /// The link types of the interfaces, each once.
    public var linkTypes: [LinkType] {
        interfaces.reduce(into: []) { types, interface in
            if !types.contains(interface.linkType) { types.append(interface.linkType) }
        }
    }

    /// The largest snapshot length of the interfaces in bytes; `nil` where there is none.
    public var snapshotLength: UInt32? { interfaces.map(\.snapshotLength).max() }
}
