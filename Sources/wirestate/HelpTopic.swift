import Diagnosis
import Documents
import Reports

/// What `wirestate help` explains beside the commands.
enum HelpTopic: String {
    case kinds, thresholds, filters

    /// The topic that a command line asks for; nil for any other one.
    init?(arguments: [String]) {
        guard arguments.count == 2, arguments[0] == "help" else { return nil }
        self.init(rawValue: arguments[1])
    }

    /// Writes the explanation to standard output.
    func write() throws {
        let layout = TextOptions.plain
        var output = Output()
        switch self {
        case .kinds:
            var format = KindGuide(layout: layout)
            format.write(Diagnosis.allCases, to: &output)
        case .thresholds:
            var format = ThresholdGuide(layout: layout)
            format.write(.standard, to: &output)
        case .filters:
            var format = FilterGuide(layout: layout)
            format.write(ConnectionFilter.guide, to: &output)
        }
        try output.end()
    }
}
