public import Diagnosis
internal import Reports
public import TCPState

/// What can be explained without a capture: a state, or a kind of finding.
public enum Guide {
    case state(State)
    case kind(Diagnosis)

    /// What a name means, a state's in any spelling; nil for any other word.
    public init?(name: String) {
        if let state = StateGuide.state(named: name) {
            self = .state(state)
        } else if let kind = Diagnosis(named: name.lowercased()) {
            self = .kind(kind)
        } else {
            return nil
        }
    }

    /// Writes the explanation.
    public func write(isJSON: Bool, _ style: DocumentStyle, to output: Output) {
        let layout = style.layout
        switch self {
        case .state(let state) where isJSON:
            output.write(StateGuide(state), as: JSONStateGuide(style.json()))
        case .state(let state):
            output.write(StateGuide(state), as: ASCIIText(TextStateGuide(layout: layout), layout))
        case .kind(let kind) where isJSON: output.write(kind, as: JSONKindGuide(style.json()))
        case .kind(let kind):
            output.write(kind, as: ASCIIText(DiagnosisGuide(layout: layout), layout))
        }
    }
}
