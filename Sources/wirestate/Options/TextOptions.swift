public import ArgumentParser
import Glibc
import Host
public import Reports
import Wire

/// The flags of every command that writes text for people.
struct TextOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Use colours: always, auto (on a terminal, unless NO_COLOR is set) or never.",
            valueName: "when"))
    var color: ColourChoice = .auto

    @Flag(help: "Print times in the local time zone instead of UTC (text output only).")
    var localTime = false

    /// The layout for standard output without any flag.
    static var plain: TextLayout { layout(.auto) }

    private static func layout(_ colour: ColourChoice) -> TextLayout {
        TextLayout(terminal: Terminal.outputColumns, colour: colour) { name in
            unsafe getenv(name).map { unsafe String(cString: $0) }
        }
    }

    /// How text for standard output is laid out.
    var layout: TextLayout {
        var layout = TextOptions.layout(color)
        if localTime {
            tzset()
            layout.offset = { time in
                var seconds = time_t(time.nanoseconds / 1_000_000_000)
                var parts = unsafe tm()
                guard unsafe localtime_r(&seconds, &parts) != nil else { return 0 }
                return unsafe Int64(parts.tm_gmtoff)
            }
        }
        return layout
    }
}

extension ColourChoice: ExpressibleByArgument {}
