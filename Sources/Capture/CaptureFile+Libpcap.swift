internal import Wire

extension CaptureFile {
    /// Opens the file with libpcap.
    func openWithLibpcap(_ source: consuming ByteSource, _ walk: inout Walk) throws(OpenFailure) {
        let compression = source.compression
        let opened: OfflineCapture
        do { opened = try OfflineCapture(source, path: path) } catch {
            throw OpenFailure(error, at: nil)
        }
        buffer = nil
        section.removeAll()
        unsafe walk.end()
        let packing = compression.map { ", \($0.rawValue)" } ?? ""
        formatName = (opened.version.major == 1 ? "pcapng" : "pcap") + packing
        unsafe walk.program = program(for: opened.linkType, walk)
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
    func nextFromLibpcap(_ walk: inout Walk, isTaken: Bool) -> Record? {
        do throws(FileTrouble) {
            let record: Record?
            if let kept = unsafe pending {
                unsafe record = kept
            } else {
                unsafe record = try capture?.nextRecord(file: walk.file, program: walk.program)
            }
            unsafe pending = isTaken ? nil : record
            if isTaken, let record = unsafe record { unsafe walk.number = record.number }
            return unsafe record
        } catch {
            unsafe stop(error, at: capture?.packedOffset, frames: walk.number)
            return nil
        }
    }
}
