internal import CLinux
internal import Glibc

extension SystemCallFilter {
    /// For the process that captures: reads packets and the kernel's tables, opens interfaces and outputs
    /// anew, listens and resolves names. It runs no program, begins no process, makes no memory executable.
    static let capture = SystemCallFilter(
        calls: memory + time + threads + reading + [
            // Outputs.
            "open", "openat", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "renameat",
            "renameat2", "unlink", "unlinkat", "fchown", "fchmod", "flock", "dup", "dup2", "dup3",
            // Waiting.
            "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
            "epoll_pwait", "eventfd2", "signalfd4", "pipe2", "timerfd_create", "timerfd_settime",
            // Sockets of the families below.
            "bind", "connect", "listen", "accept", "accept4", "getsockname", "getpeername",
            "getsockopt", "setsockopt", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg",
            "recvmmsg", "shutdown",
            // libpcap and name resolution.
            "uname", "sysinfo", "getrlimit", "getrusage", "getcwd",
        ],
        rules: noExecutableMemory + noProcess
            + [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET].map {
                Rule(call: "socket", argument: 0, mask: allBits, value: UInt64($0))
            }
            // Of sockets and interfaces (SIOC…, wireless ones too); of a terminal its settings and size;
            // how much there is to read. Not to put characters into a terminal's input (TIOCSTI).
            + [0x8900, 0x8b00].map {
                Rule(call: "ioctl", argument: 1, mask: 0xffff_ff00, value: $0)
            }
            + [TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, FIONREAD].map {
                Rule(call: "ioctl", argument: 1, mask: allBits, value: UInt64($0))
            }
            + [
                Rule(call: "prctl", argument: 0, mask: allBits, value: UInt64(PR_SET_NAME)),
                // Asks for a limit, and sets none.
                Rule(call: "prlimit64", argument: 2, mask: .max, value: 0),
            ])

    /// For the process that names the owners of sockets: reads /proc, and answers through a pipe.
    static let processFinder = SystemCallFilter(
        calls: memory + time + threads + reading,
        rules: noExecutableMemory
            + [("open", 1), ("openat", 2)].map { call, argument in
                Rule(
                    call: call, argument: argument,
                    mask: UInt64(O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND),
                    value: UInt64(O_RDONLY))
            })

    private static let allBits: UInt64 = 0xffff_ffff

    private static let memory = ["brk", "munmap", "mremap", "madvise", "membarrier"]

    private static let time = [
        "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
        "restart_syscall",
    ]

    private static let threads = [
        "futex", "sched_yield", "sched_getaffinity", "set_robust_list", "rseq", "getcpu",
        "getrandom", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid",
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "sigaltstack", "tgkill",
        "exit", "exit_group",
    ]

    private static let reading = [
        "read", "readv", "pread64", "write", "writev", "lseek", "close", "fcntl", "poll", "ppoll",
        "fstat", "newfstatat", "stat", "lstat", "statx", "access", "faccessat", "faccessat2",
        "readlink", "readlinkat", "getdents64", "fstatfs", "statfs", "fadvise64",
    ]

    private static let noExecutableMemory = ["mmap", "mprotect"].map {
        Rule(call: $0, argument: 2, mask: UInt64(PROT_EXEC), value: 0)
    }

    /// Threads, and no processes. clone3 has its flags in memory, where no filter sees them; the C library
    /// then calls clone.
    private static let noProcess = [
        Rule(
            call: "clone", argument: 0, mask: UInt64(CLONE_THREAD), value: UInt64(CLONE_THREAD))
    ]
}
