internal import Wire

extension CaptureFile {
    /// Opens the file with libpcap.
    func openWithLibpcap(_ source: consuming ByteSource, _ cursor: inout FileCursor)
        throws(OpenFailure)
    {
        let compression = source.compression
        let opened: OfflineCapture
        do { opened = try OfflineCapture(source, path: path) } catch {
            throw OpenFailure(error, at: nil)
        }
        buffer = nil
        section.removeAll()
        unsafe cursor.end()
        let packing = compression.map { ", \($0.rawValue)" } ?? ""
        formatName = (opened.version.major == 1 ? "pcapng" : "pcap") + packing
        unsafe cursor.program = program(for: opened.linkType, cursor)
        interfaces = [
            CaptureInterface(
                number: 0, linkType: opened.linkType,
                snapshotLength: UInt32(truncatingIfNeeded: opened.snapshotLength))
        ]
        capture = consume opened
        format = .libpcap
    }

    /// The record that libpcap gives next. It steps over a record by giving it, so one that is not
    /// taken is kept.
    func nextFromLibpcap(_ cursor: inout FileCursor, isTaken: Bool) -> RawRecord? {
        do throws(FileError) {
            let record: RawRecord?
            if let kept = unsafe pending {
                unsafe record = kept
            } else {
                unsafe record = try capture?.nextRecord(file: cursor.file, program: cursor.program)
            }
            unsafe pending = isTaken ? nil : record
            if isTaken, let record = unsafe record { unsafe cursor.number = record.number }
            return unsafe record
        } catch {
            unsafe stop(error, at: capture?.packedOffset, frames: cursor.number)
            return nil
        }
    }
}
