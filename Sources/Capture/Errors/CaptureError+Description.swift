internal import POSIX
internal import Wire

extension CaptureError: CustomStringConvertible {
    /// One line: `what: why: what to do`.
    public var description: String {
        switch self {
        case .filter(let expression, let text):
            "filter '\(expression)': \(text): see pcap-filter(7), for example 'tcp port 443'"
        case .file(let path, let offset, let frames, let fileError):
            "\(path == "-" ? "standard input" : path): \(fileError.text(path, offset, frames))"
        case .dump(let path, let text):
            "\(path): \(text)"
        case .interface(let name, let interfaceError):
            "\(name.isEmpty ? "interfaces" : name): \(interfaceError.text)"
        }
    }
}

extension InterfaceError {
    fileprivate var text: String {
        switch self {
        case .permission(let text):
            "\(text): run as root, or once run: sudo setcap cap_net_raw=eip $(command -v wirestate)"
        case .missing(let text): "\(text): run 'wirestate interfaces' to list them"
        case .down(let text): "\(text): bring it up first (ip link set dev NAME up)"
        case .lost(let text): "\(text): the capture resumes when it is back"
        case .other(let text): "\(text): see pcap(3PCAP)"
        }
    }
}

extension FileError {
    /// Why, and what to do.
    fileprivate func text(_ path: String, _ offset: Int64?, _ frames: UInt64) -> String {
        let used =
            switch frames {
            case 0: "no frame before it"
            case 1: "the 1 frame before it is used"
            default: "the \(frames) frames before it are used"
            }
        let rest = "\(used): copy or capture the file again"
        let record = "record \(frames + 1)"
        let position = offset.map { " at byte \($0)" } ?? ""
        switch self {
        case .cannotOpen(let code) where isMissing(code):
            return "no such file: check the path"
        case .cannotOpen(let code) where isForbidden(code):
            return "permission denied: make the file readable, or run as its owner"
        case .cannotOpen(let code) where isTooManyOpen(code):
            return "too many open files: name fewer files, or raise the limit (ulimit -n)"
        case .cannotOpen(let code):
            return "cannot be opened (\(SystemError(code: code).reason)): check the path"
        case .cannotRead(let code):
            return "reading failed\(position) (\(SystemError(code: code).reason)):"
                + " \(used): check the disk or the connection"
        case .packed(let compression, let damage):
            return
                "\(compression.rawValue) data \(damage.text)\(position): \(used): \(damage.advice)"
        case .directory: return "is a directory: name the capture files in it"
        case .empty: return "is empty: check that the capture was written"
        case .notCapture(let kind): return kind.text(path)
        case .version(let major, let minor):
            return "capture format version \(major).\(minor)\(position) is unknown: \(used):"
                + " convert the file with editcap, or capture it again"
        case .cut(.fileHeader, _): return "the file header is cut: copy or capture the file again"
        case .cut(let part, let missing):
            let what =
                switch part {
                case .recordHeader: "in the header of \(record)"
                case .record: "in the middle of \(record)"
                default: "in the middle of the block"
                }
            return "cut \(what)\(position), \(missing) bytes are missing: \(rest)"
        case .capturedLength(let length, let limit):
            return
                "\(record)\(position) claims \(length) captured bytes, at most \(limit) are possible:"
                + " \(rest)"
        case .blockLength(let length):
            return "the block\(position) has the impossible length \(length): \(rest)"
        case .blockTooLong(let length, let limit):
            return
                "the block\(position) claims \(length) bytes, at most \(limit) are possible: \(rest)"
        case .blockLengths(let first, let last):
            return
                "the block\(position) has length \(first) at its start and \(last) at its end: \(rest)"
        case .blockTooShort(let type):
            return "the block\(position) of type \(type) is too short for its contents: \(rest)"
        case .byteOrder:
            return "the section\(position) has no valid byte order: \(rest)"
        case .interfaceOption(let code):
            return "the interface description\(position) has a malformed option \(code): \(rest)"
        case .unknownInterface(let index):
            return "the packet\(position) names interface \(index), which is not described: \(rest)"
        case .tooManyInterfaces(let limit):
            return "the section\(position) describes more than \(limit) interfaces in all: \(rest)"
        case .interfacesNotTold:
            return "libpcap does not tell its interfaces apart: omit --engine libpcap"
        case .filter(let linkType, let text):
            return "the filter does not fit link type \(linkType.rawValue) (\(text)):"
                + " no frame of that type matches"
        case .libpcap(let text): return "libpcap gave up: \(text): \(rest)"
        }
    }
}

extension Compression.Damage {
    fileprivate var text: String {
        switch self {
        case .cut: "ends too early"
        case .corrupt: "is damaged"
        case .trailing: "is followed by other data"
        case .window: "needs more than \((1 << Compression.windowLimit) >> 20) MiB to unpack"
        case .memory: "cannot be unpacked: not enough memory"
        }
    }

    /// What to do.
    fileprivate var advice: String {
        switch self {
        case .cut, .corrupt: "copy or capture the file again"
        case .trailing: "remove what does not belong to the capture"
        case .window, .memory: "unpack it first (zstd -dc --long=31 FILE | wirestate -)"
        }
    }
}

extension FileKind {
    /// What it is, and what to do.
    fileprivate func text(_ path: String) -> String {
        func unpack(_ command: String) -> String {
            "unpack it first (\(command) \(path == "-" ? "FILE" : path) | wirestate -)"
        }
        return switch self {
        case .gzip: "is compressed with gzip twice: \(unpack("gunzip -c"))"
        case .zstandard: "is compressed with zstd twice: \(unpack("zstd -dc"))"
        case .bzip2: "is compressed with bzip2: \(unpack("bunzip2 -c"))"
        case .xz: "is compressed with xz: \(unpack("xz -dc"))"
        case .lz4: "is compressed with lz4: \(unpack("lz4 -dc"))"
        case .zip: "is a zip archive: unpack it first"
        case .snoop: "is a snoop capture: convert it with editcap -F pcapng"
        case .networkMonitor: "is a Network Monitor capture: convert it with editcap -F pcapng"
        case .pcapVariant: "is a rare variant of pcap: convert it with editcap -F pcapng"
        case .damagedPcapng: "starts like pcapng but has no valid byte order: copy it again"
        case .text: "is text, not a capture: name the file that tcpdump -w or dumpcap wrote"
        case .short(let count):
            "has \(count) bytes, too few for a capture: check that the capture was written"
        case .unknown(let magic):
            "starts with 0x\(String(magic, radix: 16)), as no known capture format does:"
                + " if Wireshark reads it, convert it with editcap -F pcapng"
        }
    }
}
