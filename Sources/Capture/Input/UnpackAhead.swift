internal import Dispatch

/// Unpacks the parts of a packed file before their turn, several at once: see ``PackedUnits``.
///
/// A part that is damaged or too large, and all that follows it, is unpacked in turn. The bytes are the same as without it.
final class UnpackAhead {
    private let file: SharedDescriptor
    private let compression: Compression
    private var units: PackedUnits
    /// In order of the file.
    private var jobs: [Job] = []
    /// Those that nobody uses.
    private var unpackers: [PartUnpacker] = []
    /// How many bytes of the first job have been given.
    private var given = 0
    /// The byte of the file up to which all has been given: the rest is to be unpacked in turn.
    private(set) var offset: Int64
    private let limit: Int

    /// Parts at once, whatever the threads: they are in memory.
    private static let most = 8

    /// Begins at the end of a part; nil where no two parts follow.
    init?(
        _ compression: Compression, _ descriptor: borrowing FileDescriptor, from offset: Int64,
        threads: Int
    ) {
        guard let copy = try? FileDescriptor(copying: descriptor) else { return nil }
        self.compression = compression
        self.offset = offset
        file = SharedDescriptor(copy)
        units = PackedUnits(compression, file, from: offset)
        limit = min(threads + 1, Self.most)
        guard let first = units.next(), let second = units.next(), start(first), start(second)
        else { return nil }
    }

    /// Gives bytes that come next; 0 where what follows ``offset`` is to be unpacked in turn, or nothing follows.
    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            while jobs.count < limit, let group = units.next(), start(group) {}
            // Where one could not be started, the next one is not what follows.
            guard let job = jobs.first, job.range.lowerBound == offset, job.wait() else { return 0 }
            let rest = unsafe UnsafeRawBufferPointer(rebasing: job.unpacker.content[given...])
            if unsafe !rest.isEmpty {
                let count = min(rest.count, room.count)
                unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
                given += count
                return count
            }
            offset = job.range.upperBound
            given = 0
            unpackers.append(job.unpacker)
            jobs.removeFirst()
        }
    }

    private func start(_ group: PackedUnits.Group) -> Bool {
        guard let unpacker = unpackers.popLast() ?? (try? PartUnpacker(compression)) else {
            return false
        }
        jobs.append(Job(group, unpacker, file))
        return true
    }

    /// A group that is being unpacked. Its unpacker is another thread's until it was waited for.
    private final class Job: @unchecked Sendable {
        let range: Range<Int64>
        let unpacker: PartUnpacker
        private let group = DispatchGroup()
        private var isWhole = false

        init(_ parts: PackedUnits.Group, _ unpacker: PartUnpacker, _ file: SharedDescriptor) {
            range = parts.range
            self.unpacker = unpacker
            DispatchQueue.global().async(group: group) { [self] in
                isWhole = self.unpacker.unpack(file.descriptor, parts)
            }
        }

        /// Waits for its end; returns whether it was unpacked whole.
        func wait() -> Bool {
            group.wait()
            return isWhole
        }
    }
}

/// Unpacks whole parts of a file into memory of its own, again and again.
@safe
private final class PartUnpacker {
    private let decompressor: any Decompressor
    private var packed = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)
    private var room = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)
    private var count = 0

    private static let smallestRoom = 64 << 10

    init(_ compression: Compression) throws(Compression.Damage) {
        decompressor = try compression.decompressor()
    }

    deinit {
        unsafe packed.deallocate()
        unsafe room.deallocate()
    }

    /// What was unpacked.
    var content: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: room.prefix(count))
    }

    /// Unpacks parts; returns whether they are whole, end where they should, and are not too large.
    func unpack(_ file: borrowing FileDescriptor, _ parts: PackedUnits.Group) -> Bool {
        count = 0
        guard let input = unsafe read(file, parts.range) else { return false }
        if unsafe room.count < max(parts.content, Self.smallestRoom) {
            enlargeRoom(to: max(parts.content, Self.smallestRoom))
        }
        var taken = 0
        while taken < input.count || !decompressor.isComplete {
            if unsafe count == room.count {
                guard unsafe room.count <= PackedUnits.contentLimit else { return false }
                unsafe enlargeRoom(to: min(room.count * 2, PackedUnits.contentLimit + 1))
            }
            let step = unsafe decompressor.unpack(
                UnsafeRawBufferPointer(rebasing: input[taken...]),
                into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
            guard step.damage == nil, step.taken + step.given > 0 else { return false }
            taken += step.taken
            count += step.given
        }
        return true
    }

    private func read(
        _ file: borrowing FileDescriptor, _ range: Range<Int64>
    ) -> UnsafeRawBufferPointer? {
        if unsafe packed.count < range.count {
            unsafe packed.deallocate()
            unsafe packed = .allocate(byteCount: range.count, alignment: 16)
        }
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: packed.prefix(range.count))
        guard unsafe file.fill(place, at: range.lowerBound) == range.count else { return nil }
        return UnsafeRawBufferPointer(place)
    }

    private func enlargeRoom(to size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        unsafe larger.copyMemory(from: content)
        unsafe room.deallocate()
        unsafe room = larger
    }
}
