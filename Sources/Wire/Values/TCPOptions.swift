/// The TCP options that change how a connection is judged, as one flat value.
///
/// A field says something only while its option is `present`; else it may hold what an earlier segment left.
public struct TCPOptions: Sendable {
    /// Which options a segment carries.
    public struct Present: OptionSet, Hashable, Sendable {
        /// One bit per option.
        public let rawValue: UInt16

        /// Wraps the bits.
        @inlinable
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Kind 2. RFC 9293, section 3.7.1.
        @inlinable public static var maximumSegmentSize: Present { Present(rawValue: 1) }
        /// Kind 3. RFC 7323, section 2.
        @inlinable public static var windowScale: Present { Present(rawValue: 2) }
        /// Kind 4. RFC 2018, section 2.
        @inlinable public static var sackPermitted: Present { Present(rawValue: 4) }
        /// Kind 5. RFC 2018, section 3.
        @inlinable public static var sack: Present { Present(rawValue: 8) }
        /// Kind 8. RFC 7323, section 3.
        @inlinable public static var timestamps: Present { Present(rawValue: 16) }
        /// Kind 34, or the experimental kind 254 with 0xF989. RFC 7413, section 4.1.1.
        @inlinable public static var fastOpen: Present { Present(rawValue: 32) }
        /// Kind 30. RFC 8684, section 3.
        @inlinable public static var multipath: Present { Present(rawValue: 64) }
        /// Kind 19, an MD5 signature (RFC 2385), or kind 29, TCP-AO (RFC 5925): a receiver without the
        /// same key drops the segment silently.
        @inlinable public static var signature: Present { Present(rawValue: 256) }
        /// The option list is cut by the snapshot length or malformed: what is present is true,
        /// what is absent is unknown.
        @inlinable public static var incomplete: Present { Present(rawValue: 128) }
    }

    /// Which of the fields below were seen.
    public var present: Present
    /// Shift count of the window scale option, 0 to 14 (larger values are read as 14).
    public var windowScale: UInt8
    /// Bytes of the fast-open cookie; 0 is a request for one.
    public var fastOpenCookieLength: UInt8
    /// Maximum segment size in bytes.
    public var maximumSegmentSize: UInt16
    /// TSval.
    public var timestampValue: UInt32
    /// TSecr.
    public var timestampEcho: UInt32
    /// Left edge of the first SACK block; before SEG.ACK, it reports a duplicate (RFC 2883).
    public var sackLeft: SequenceNumber
    /// Right edge of the first SACK block.
    public var sackRight: SequenceNumber

    /// No options.
    @inlinable
    public init() {
        present = []
        windowScale = 0
        fastOpenCookieLength = 0
        maximumSegmentSize = 0
        timestampValue = 0
        timestampEcho = 0
        sackLeft = SequenceNumber(0)
        sackRight = SequenceNumber(0)
    }
}

extension TCPOptions: Equatable {
    /// Whether the same options are present with the same values.
    public static func == (a: TCPOptions, b: TCPOptions) -> Bool {
        func agree<Value: Equatable>(
            _ option: Present, _ field: KeyPath<TCPOptions, Value>
        ) -> Bool {
            !a.present.contains(option) || a[keyPath: field] == b[keyPath: field]
        }
        return a.present == b.present && agree(.windowScale, \.windowScale)
            && agree(.fastOpen, \.fastOpenCookieLength)
            && agree(.maximumSegmentSize, \.maximumSegmentSize)
            && agree(.timestamps, \.timestampValue) && agree(.timestamps, \.timestampEcho)
            && agree(.sack, \.sackLeft) && agree(.sack, \.sackRight)
    }
}
