import Glibc

/// A classic pcap file of this machine's byte order, in memory as the kernel maps it.
@safe
struct MappedCapture: ~Copyable {
    private let path: String
    private let start: UnsafeMutableRawPointer
    private let count: Int

    init(_ path: String) throws(BenchmarkError) {
        self.path = path
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        defer { close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 24 else { throw .broken(path, offset: 0) }
        let mapped = unsafe mmap(nil, end, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let mapped = unsafe mapped, unsafe !isFailure(mapped) else {
            throw .system("mmap", path, errno)
        }
        unsafe start = mapped
        count = end
        unsafe madvise(start, count, MADV_SEQUENTIAL)
    }

    deinit { unsafe munmap(start, count) }

    /// Walks over all records into a table of flows.
    func countFlows() throws(BenchmarkError) -> Walked {
        guard unsafe start.load(as: UInt32.self) == 0xa1b2_c3d4 else {
            throw .broken(path, offset: 0)
        }
        var table = FlowEntries()
        var frames = 0
        var offset = 24
        while offset < count {
            guard count - offset >= 16 else { throw .broken(path, offset: offset) }
            let record = unsafe start + offset
            let second = unsafe record.loadUnaligned(as: UInt32.self)
            let captured = unsafe Int(record.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            guard captured <= count - offset - 16 else { throw .broken(path, offset: offset) }
            unsafe table.count(record + 16, captured, second: second)
            frames += 1
            offset += 16 + captured
        }
        return Walked(frames: frames, segments: table.segments, flows: table.count)
    }
}

/// Whether this is what `mmap` returns when it fails: MAP_FAILED, a macro that Swift does not see.
@unsafe func isFailure(_ mapped: UnsafeMutableRawPointer) -> Bool { Int(bitPattern: mapped) == -1 }
