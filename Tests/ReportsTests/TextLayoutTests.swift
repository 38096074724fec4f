import Reports
import Testing

struct TextLayoutTests {
    private func layout(
        _ terminal: Int?, _ colour: ColourChoice = .auto, _ environment: [String: String] = [:]
    ) -> TextLayout {
        TextLayout(terminal: terminal, colour: colour) { environment[$0] }
    }

    @Test(arguments: [(20, 60), (60, 60), (80, 80), (120, 120), (200, 200), (500, 200)])
    func `Text is as wide as the terminal, from 60 to 200 columns`(_ width: Int, _ columns: Int) {
        #expect(layout(width).columns == columns)
        #expect(!layout(width).isWhole)
    }

    @Test func `COLUMNS overrides the terminal, where it is a number`() {
        #expect(layout(80, .auto, ["COLUMNS": "120"]).columns == 120)
        #expect(layout(100, .auto, ["COLUMNS": "wide"]).columns == 100)
        #expect(layout(100, .auto, ["COLUMNS": "-5"]).columns == 100)
    }

    @Test func `A pipe has whole values and 80 columns of prose`() {
        #expect(layout(nil).isWhole)
        #expect(layout(nil).columns == 80)
    }

    // https://no-color.org: set and not empty, whatever the value.
    @Test(
        arguments: [
            (80, ColourChoice.auto, [:], true), (nil, .auto, [:], false),
            (80, .auto, ["NO_COLOR": "0"], false), (80, .auto, ["NO_COLOR": ""], true),
            (80, .auto, ["TERM": "dumb"], false), (80, .never, [:], false),
            (nil, .always, [:], true),
            (80, .always, ["NO_COLOR": "1"], true),
        ] as [(Int?, ColourChoice, [String: String], Bool)])
    func `Colours are for terminals that want them`(
        _ terminal: Int?, _ colour: ColourChoice, _ environment: [String: String], _ isOn: Bool
    ) {
        #expect(layout(terminal, colour, environment).palette.isOn == isOn)
    }

    // POSIX.1, "Environment Variables", section 8.2: LC_ALL before LC_CTYPE before LANG, empty is unset.
    @Test(arguments: [
        ([:], false), (["LANG": "en_US.UTF-8"], false), (["LANG": "C.utf8"], false),
        (["LANG": "C"], true), (["LC_ALL": "C", "LANG": "en_US.UTF-8"], true),
        (["LC_ALL": "", "LANG": "en_US.UTF-8"], false), (["LC_CTYPE": "POSIX"], true),
        (["LC_CTYPE": "C.UTF-8", "LANG": "C"], false), (["LANG": "de_DE.ISO-8859-1"], true),
    ])
    func `Marks are ASCII where the locale is not UTF-8`(
        _ environment: [String: String], _ isASCII: Bool
    ) {
        #expect(layout(80, .auto, environment).isASCII == isASCII)
    }
}
