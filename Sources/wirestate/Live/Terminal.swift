import Glibc
import Reports

extension Palette {
    /// Colours where standard output is a terminal that has them and nobody said NO_COLOR.
    static var standard: Palette {
        let isWanted = (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
        return Palette(isOn: isWanted && isatty(STDOUT_FILENO) == 1)
    }
}

private func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}
