internal import CLinux
internal import Glibc
internal import POSIX
internal import Wire

/// The terminal as a full screen: raw keys, the alternate screen, no cursor, no line wrapping. Whatever
/// ends the process but SIGKILL leaves the terminal as it was.
public final class Terminal {
    private var isOn = false
    /// A terminal may stop taking text, at the far end of a line that stalls.
    private let output = BackgroundQueue("terminal", limit: 1 << 20)

    /// Where keys come from.
    public let descriptor: Int32

    /// Takes the terminal over; nil if there is none, or one that cannot do it.
    ///
    /// - Parameter takesInput: whether standard input is the keyboard. Else the process's terminal is, which is
    ///   opened.
    public init?(takesInput: Bool = true) {
        descriptor =
            takesInput ? STDIN_FILENO : unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard isatty(descriptor) == 1, isatty(STDOUT_FILENO) == 1,
            unsafe getenv("TERM").map({ unsafe String(cString: $0) }) ?? "dumb" != "dumb",
            unsafe tcgetattr(descriptor, &savedSettings) == 0
        else { return nil }
        var raw = unsafe savedSettings
        unsafe cfmakeraw(&raw)
        guard unsafe tcsetattr(descriptor, TCSAFLUSH, &raw) == 0 else { return nil }
        unsafe keyboard = descriptor
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
        write(Terminal.begin)
    }

    private static let begin = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"

    /// Gives the terminal back and stops the process, as Ctrl-Z does elsewhere; takes the terminal again once
    /// the shell continues it. Everything must be drawn anew then.
    public func suspend() {
        var raw = termios()
        guard isOn, output.isIdle, unsafe tcgetattr(descriptor, &raw) == 0 else { return }
        giveBack()
        raise(SIGTSTP)
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &raw)
        write(Terminal.begin)
    }

    /// Whether it takes more text now.
    public var isReady: Bool { output.isIdle }

    /// The columns of the terminal that a descriptor is; nil where it is none.
    public static func columns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        return isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// The columns of the terminal that standard output is; nil where it is none.
    public static var outputColumns: Int? { columns(of: STDOUT_FILENO) }

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
        guard wait(on: [descriptor], milliseconds: 0) else { return [] }
        let bytes = (try? POSIX.read(from: descriptor, atMost: 256)) ?? []
        return bytes.isEmpty ? nil : bytes
    }

    /// Sends text, on another thread. Returns false, and sends nothing, where too much waits.
    @discardableResult
    public func write(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return output.add(cost: bytes.count) {
            try? POSIX.write(all: bytes, to: STDOUT_FILENO)
        }
    }

    /// Gives the terminal back; half a second is what it takes at most.
    public func close() {
        guard isOn else { return }
        isOn = false
        output.add(cost: 0) { giveBack() }
        if !output.finish(within: 500_000_000) {
            // It takes no text: but it can have its settings.
            _ = unsafe tcsetattr(descriptor, TCSANOW, &savedSettings)
        }
    }

    deinit { close() }
}

/// The settings to give back. Written once, before any handler is set.
nonisolated(unsafe) private var savedSettings = termios()
nonisolated(unsafe) private var keyboard = STDIN_FILENO

private func giveBack() {
    let sequence: StaticString = "\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"
    _ = unsafe Glibc.write(STDOUT_FILENO, sequence.utf8Start, sequence.utf8CodeUnitCount)
    _ = unsafe tcsetattr(keyboard, TCSANOW, &savedSettings)
}
