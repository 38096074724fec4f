import Foundation
import Glibc
import Testing

@testable import Host

/// What goes on working in the sandbox, and what does not, each in a process of its own: there is no way out.
/// As the user that runs the tests and, from root, as nobody.
@Suite(.enabled(if: Confined.isPossible, "skipped: this kernel does not filter system calls"))
struct SandboxTests {
    @Test func `Outputs are written, rotated, replaced and opened anew`() async {
        await #expect(processExitsWith: .success) {
            try Confined.run { folder in
                let path = folder + "/log"
                try expect(write(path, O_APPEND) == 0, "an output that is there")
                try expect(rename(path, path + ".1") == 0, "moved away, as logrotate does")
                try expect(write(path, O_APPEND | O_CREAT) == 0, "opened anew")
                try expect(write(folder + "/log-00002", O_CREAT | O_EXCL) == 0, "the next one")
                try expect(write(folder + "/.new", O_CREAT | O_EXCL) == 0, "written aside")
                try expect(rename(folder + "/.new", path) == 0, "put into its place")
                try expect(write(path, O_TRUNC) == 0, "emptied")
                try expect(unlink(path + ".1") == 0, "the oldest removed")
            }
        }
    }

    @Test func `No file but an output is written or made`() async {
        await #expect(processExitsWith: .success) {
            try Confined.run { folder in
                try expect(write("/dev/null", 0) == 0, "a device that is an output")
                guard Confined.hasLandlock else { return }
                let other = folder + ".other"
                try expect(write(other + "/file", 0) == EACCES, "a file in another folder")
                try expect(write(other + "/new", O_CREAT) == EACCES, "a new one")
                try expect(write("/dev/zero", 0) == EACCES, "another device")
                try expect(mkdir(folder + "/sub", 0o777) != 0, "a folder")
                try expect(symlink("/", folder + "/link") != 0, "a link")
                try expect(unlink(other + "/file") != 0, "another file removed")
                try expect(truncate(other + "/file", 0) != 0, "another file emptied")
                try expect(
                    rename(other + "/file", folder + "/file") != 0, "a file from elsewhere")
            }
        }
    }

    @Test func `A listener on loopback, names and packets go on`() async {
        await #expect(processExitsWith: .success) {
            try Confined.run { _ in
                let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                try expect(listener >= 0 && listen(listener, 5) == 0, "listens")
                var name = sockaddr_in()
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                let isConnected = withUnsafeMutablePointer(to: &name) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        getsockname(listener, $0, &size) == 0 && connect(client, $0, size) == 0
                    }
                }
                try expect(isConnected, "connects")
                let server = accept(listener, nil, nil)
                try expect(server >= 0 && Glibc.write(server, "x", 1) == 1, "answers")
                var byte: UInt8 = 0
                try expect(read(client, &byte, 1) == 1 && byte == UInt8(ascii: "x"), "hears")
                var found: UnsafeMutablePointer<addrinfo>?
                try expect(getaddrinfo("localhost", "http", nil, &found) == 0, "resolves")
                try expect(try !KernelSocket.all().isEmpty, "reads the kernel's sockets")
                if Capabilities.permitted.contains(.rawNetwork) {
                    try expect(socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0) >= 0, "captures")
                }
            }
        }
    }

    @Test func `Threads begin, programs and processes do not`() async {
        await #expect(processExitsWith: .success) {
            try Confined.run { _ in
                var thread = pthread_t()
                try expect(pthread_create(&thread, nil, { _ in nil }, nil) == 0, "a thread")
                pthread_join(thread, nil)
                let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
                try expect(execv("/bin/true", arguments) == -1, "a program")
                try expect(posix_spawn(nil, "/bin/true", nil, nil, arguments, nil) != 0, "spawned")
                try expect(kill(getppid(), 0) == -1, "a signal to another process")
                try expect(socket(AF_BLUETOOTH, 1, 0) == -1, "another family of sockets")
                let executable = mmap(
                    nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0)
                try expect(executable == MAP_FAILED, "executable memory")
                var character = CChar(10)
                try expect(ioctl(0, UInt(TIOCSTI), &character) == -1 && errno == ENOSYS, "typing")
            }
        }
    }

    @Test func `The process that names others reads, and cannot write`() async {
        // Not a child of the tests' own process, which waits for children itself.
        await #expect(processExitsWith: .success) {
            let held = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(held) }
            let finder = try ProcessFinder(user: User(name: "nobody"))
            finder.ask()
            var answer = finder.answer()
            while answer == nil, wait(on: [finder.descriptor], milliseconds: 5_000) {
                answer = finder.answer()
            }
            let isFound = answer?.values.contains { $0.identifier == getpid() }
            try expect(isFound == true, "finds the process that holds a socket")
        }
        await #expect(processExitsWith: .success) {
            try Sandbox.enterProcessFinder()
            try expect((try? readFile("/proc/self/comm")) != nil, "reads")
            try expect(write("/tmp/wirestate-none", O_CREAT) != 0, "makes a file")
            try expect(socket(AF_INET, 1, 0) == -1, "opens a socket")
        }
    }
}

/// A process in the sandbox, with a folder of outputs.
enum Confined {
    static let isPossible = FileManager.default.fileExists(
        atPath: "/proc/sys/kernel/seccomp/actions_avail")

    static let hasLandlock = Landlock.version > 0

    /// Runs the body in the sandbox, as this user or, from root, as nobody.
    static func run(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "wirestate-" + UUID().uuidString
        for path in [folder, folder + ".other"] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            chmod(path, 0o777)
        }
        for path in [folder + "/log", folder + ".other/file"] {
            try Data().write(to: URL(fileURLWithPath: path))
            chmod(path, 0o666)
        }
        let nobody = try #require(User(name: "nobody"))
        try Privileges.drop(to: nobody, keeping: .rawNetwork)
        try Sandbox.enter(outputs: [folder + "/log", "/dev/null", "-"])
        try body(folder)
    }
}

/// The test's own expectations are recorded in another process: there a failure has to end it.
private func expect(_ holds: Bool, _ what: String) throws {
    if !holds { throw Failure(what: what, code: errno) }
}

private struct Failure: Error {
    let what: String
    let code: Int32
}

/// Opens a file for writing as said and writes a byte. Returns `errno` where that fails.
private func write(_ path: String, _ flags: Int32) -> Int32 {
    let file = open(path, O_WRONLY | O_CLOEXEC | flags, 0o600)
    guard file >= 0 else { return errno }
    defer { close(file) }
    return Glibc.write(file, "x", 1) == 1 ? 0 : errno
}
