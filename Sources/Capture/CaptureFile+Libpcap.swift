internal import Wire

extension CaptureFile {
    /// Opens the file with libpcap.
    func openWithLibpcap(_ source: consuming ByteSource) throws(OpenFailure) {
        let opened: OfflineCapture
        do { opened = try OfflineCapture(source, path: path) } catch {
            throw OpenFailure(error, at: nil)
        }
        formatName = opened.version.major == 1 ? "pcapng" : "pcap"
        program = program(for: opened.linkType)
        interfaces = [
            CaptureInterface(
                number: 0, linkType: opened.linkType,
                snapshotLength: UInt32(truncatingIfNeeded: opened.snapshotLength))
        ]
        capture = consume opened
        format = .libpcap
    }

    /// Lets libpcap take the next record.
    func nextFromLibpcap(_ walk: inout Walk) -> Record? {
        do {
            let record = unsafe try capture?.nextRecord(file: walk.file, program: program)
            unsafe walk.number = record?.number ?? walk.number
            return unsafe record
        } catch {
            note(error, at: nil)
            return nil
        }
    }
}
