public import ArgumentParser
import Host
public import Reports

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
        TextLayout(
            terminal: Terminal.outputColumns, colour: colour, environment: ServiceManager.variable)
    }

    /// How text for standard output is laid out.
    var layout: TextLayout {
        var layout = TextOptions.layout(color)
        if localTime { layout.offset = TimeZone.local() }
        return layout
    }
}

extension ColourChoice: ExpressibleByArgument {}
