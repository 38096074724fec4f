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
        if opened.version.major == 1 { libpcapInterface = try onlyInterface() }
        buffer = nil
        section.removeAll()
        unsafe cursor.end()
        let packing = compression.map { ", \($0.rawValue)" } ?? ""
        formatName = (opened.version.major == 1 ? "pcapng" : "pcap") + packing
        unsafe cursor.program = program(for: opened.linkType, cursor)
        interfaces = [
            CaptureInterface(
                number: libpcapInterface, linkType: opened.linkType,
                snapshotLength: UInt32(truncatingIfNeeded: opened.snapshotLength))
        ]
        capture = consume opened
        format = .libpcap
    }

    /// The interface of all packets in a pcapng file: libpcap does not tell of which one a packet is. Reads all
    /// of the file; of one that can be read only once nothing is known, and it counts as one interface.
    private func onlyInterface() throws(OpenFailure) -> UInt32 {
        guard isReopenable,
            var reader = try? CaptureReader(
                files: [path], backend: .own, interfaceTable: interfaceTable)
        else { return 0 }
        var only: UInt32?
        while let frame = reader.next() {
            guard only ?? frame.interface == frame.interface else {
                throw OpenFailure(.interfacesNotTold, at: nil)
            }
            only = frame.interface
        }
        return only ?? 0
    }

    /// The record that libpcap gives next. It steps over a record by giving it, so one that is not
    /// taken is kept.
    func nextFromLibpcap(_ cursor: inout FileCursor, isTaken: Bool) -> RawRecord? {
        do throws(FileError) {
            let record: RawRecord?
            if let kept = unsafe pending {
                unsafe record = kept
            } else {
                unsafe record = try capture?.nextRecord(
                    file: cursor.file, interface: libpcapInterface, program: cursor.program)
            }
            unsafe pending = isTaken ? nil : record
            if isTaken, let record = unsafe record { unsafe cursor.number = record.number }
            return unsafe record
        } catch {
            unsafe stop(error, at: capture?.compressedOffset, frames: cursor.number)
            return nil
        }
    }
}
