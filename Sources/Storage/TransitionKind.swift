internal import TCPState

/// What changes of state have in common: the rows of the table `transition_kind`, which each change names by one number.
struct TransitionKind {
    let role: Role
    let from: State
    let to: State
    let grade: Grade
    let timer: TimerName

    /// How many numbers there are.
    static let count = 1 << 14

    /// Its number, below ``count``: the same in every database.
    var number: Int {
        let states = Int(role.rawValue) << 8 | Int(from.rawValue) << 4 | Int(to.rawValue)
        return states << 5 | Int(grade.rawValue) << 3 | Int(timer.rawValue)
    }

    /// The kind with a number; nil where there is none.
    init?(number: Int) {
        guard let role = Role(rawValue: UInt8(truncatingIfNeeded: number >> 13 & 1)),
            let from = State(rawValue: UInt8(truncatingIfNeeded: number >> 9 & 15)),
            let to = State(rawValue: UInt8(truncatingIfNeeded: number >> 5 & 15)),
            let grade = Grade(rawValue: UInt8(truncatingIfNeeded: number >> 3 & 3)),
            let timer = TimerName(rawValue: UInt8(truncatingIfNeeded: number & 7))
        else { return nil }
        self.init(role, from, to, grade, timer)
    }

    init(_ transition: Transition, _ role: Role) {
        self.init(role, transition.from, transition.to, transition.grade, transition.timer)
    }

    private init(_ role: Role, _ from: State, _ to: State, _ grade: Grade, _ timer: TimerName) {
        self.role = role
        self.from = from
        self.to = to
        self.grade = grade
        self.timer = timer
    }
}
