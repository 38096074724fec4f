internal import CPcap
internal import Wire

// libpcap numbers link types twice: `DLT_*` in its programming interface, which differs between
// systems, and `LINKTYPE_*` in files. They are the same but for the handful below.
extension LinkType {
    /// The link type for a number that a capture file or libpcap gives.
    ///
    /// Besides the five numbers that libpcap translates, 14 is raw IP too: OpenBSD wrote its own
    /// `DLT_RAW` into files.
    init(dataLink: Int32) {
        switch dataLink {
        case 11: self.init(rawValue: 100)  // ATM, RFC 1483
        case 12, 14: self = .raw
        case 15: self.init(rawValue: 102)  // BSD/OS SLIP
        case 16: self.init(rawValue: 103)  // BSD/OS PPP
        case 19: self.init(rawValue: 106)  // Linux classical IP over ATM
        default: self.init(rawValue: UInt32(bitPattern: dataLink))
        }
    }

    /// libpcap's `DLT_*` number for the link type.
    var dataLink: Int32 {
        switch rawValue {
        case 100: DLT_ATM_RFC1483
        case 101: DLT_RAW
        case 102: DLT_SLIP_BSDOS
        case 103: DLT_PPP_BSDOS
        case 106: 19
        default: Int32(bitPattern: rawValue)
        }
    }

    /// The longest frame of this link type that is believed, in bytes: libpcap's own limits.
    var maximumSnapshotLength: UInt32 {
        switch rawValue {
        case 231: 128 << 20  // D-Bus
        case 249: 1 << 20  // USBPcap
        case 279: 8 << 20  // Elektrobit
        default: 262_144
        }
    }

    /// The snapshot length that a file's field means: none given, or an absurd one, is the limit.
    func snapshotLength(_ field: UInt32) -> UInt32 {
        field == 0 || field > UInt32(Int32.max) ? maximumSnapshotLength : field
    }

    /// Whether the link type begins with a header in the byte order of the capturing host, which
    /// libpcap turns round and we do not.
    var hasHostOrderHeader: Bool {
        switch rawValue {
        case 189, 220, 239: true  // USB, USB with mapped memory, netfilter log
        default: false
        }
    }
}
