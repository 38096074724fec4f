internal import TCPState

/// What changes of state have in common: the rows of the table `transition_kind`, which each change names by one number.
struct TransitionKind {
    let role: Role
    let from: State
    let to: State
    let grade: Grade
    let timer: TimerName

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

extension TransitionKind {
    /// A set of their numbers.
    struct Numbers: Sendable {
        private var words = [UInt64](repeating: 0, count: 1 << 14 / 64)

        /// Adds a number.
        mutating func insert(_ number: Int) { words[number / 64] |= 1 << UInt64(number % 64) }

        /// Adds those of another set.
        mutating func formUnion(_ other: Numbers) {
            for index in words.indices { words[index] |= other.words[index] }
        }

        /// In order.
        var all: some Sequence<Int> {
            (0..<words.count * 64).lazy.filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
        }
    }
}
