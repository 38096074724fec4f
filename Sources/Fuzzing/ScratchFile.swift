internal import Glibc

/// A file without a name that is written anew for every run.
struct ScratchFile {
    /// A path by which it opens.
    let path: String
    private let descriptor: CInt

    /// Files for as many captures as a run reads.
    static let all = (0..<4).map { _ in ScratchFile() }

    private init() {
        let folder = unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = "\(folder)/wirestate-fuzz-XXXXXX".utf8CString.map { $0 }
        descriptor = unsafe mkstemp(&template)
        require(descriptor >= 0, "no temporary file")
        unsafe unlink(template)
        path = "/proc/self/fd/\(descriptor)"
    }

    /// Makes the bytes its contents.
    func write(_ bytes: Span<UInt8>) {
        ftruncate(descriptor, 0)
        unsafe bytes.withUnsafeBytes { all in
            _ = unsafe pwrite(descriptor, all.baseAddress, all.count, 0)
        }
    }
}
