internal import CLinux
internal import Glibc

/// The terminal as a full screen: raw keys, the alternate screen, no cursor, no line wrapping. Whatever
/// ends the process but SIGKILL leaves the terminal as it was.
public final class Terminal {
    private var isOn = false

    /// Takes the terminal over; nil if standard input and output are none, or one that cannot do it.
    public init?() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
            unsafe getenv("TERM").map({ unsafe String(cString: $0) }) ?? "dumb" != "dumb",
            unsafe tcgetattr(STDIN_FILENO, &savedSettings) == 0
        else { return nil }
        var raw = unsafe savedSettings
        unsafe cfmakeraw(&raw)
        guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0 else { return nil }
        isOn = true
        for signal in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
            CLinux.signal(signal) { number in
                // Only what signal-safety(7) allows.
                giveBack()
                CLinux.signal(number, SIG_DFL)
                raise(number)
            }
        }
        // xterm's alternate screen (1049), DECTCEM (25) and DECAWM (7).
        write("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l")
    }

    /// What to wait on for keys.
    public var descriptor: Int32 { STDIN_FILENO }

    /// Columns and rows. The corresponding C function is `ioctl` with `TIOCGWINSZ`.
    public var size: (width: Int, height: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0,
            size.ws_row > 0
        else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// What was typed since the last call; nil where the terminal is gone.
    public func read() -> [UInt8]? {
        guard wait(on: [STDIN_FILENO], milliseconds: 0) else { return [] }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
        }
        guard count > 0 else { return count < 0 && errno == EINTR ? [] : nil }
        return Array(bytes[..<count])
    }

    /// Sends text.
    public func write(_ text: String) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    STDOUT_FILENO, $0.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            if count < 0, errno != EINTR { return }
            done += max(0, count)
        }
    }

    /// Gives the terminal back.
    public func close() {
        if isOn { giveBack() }
        isOn = false
    }

    deinit { close() }
}

/// The settings to give back. Written once, before any handler is set.
nonisolated(unsafe) private var savedSettings = termios()

private func giveBack() {
    let sequence: StaticString = "\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"
    _ = unsafe Glibc.write(STDOUT_FILENO, sequence.utf8Start, sequence.utf8CodeUnitCount)
    _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &savedSettings)
}
