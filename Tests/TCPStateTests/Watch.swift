import TCPState
import TestKit
import Wire

/// Keeps what a connection tells its observer.
struct Ledger: TransitionObserver {
    var transitions: [Transition] = []
    var withdrawn: Set<UInt32> = []

    mutating func observe(_ transition: Transition) -> UInt32 {
        transitions.append(transition)
        return UInt32(transitions.count - 1)
    }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        transitions[Int(token)].grade = .proved
        transitions[Int(token)].seen = seen
        transitions[Int(token)].notBefore = notBefore
        transitions[Int(token)].notAfter = notAfter
    }

    mutating func withdraw(_ token: UInt32) { withdrawn.insert(token) }

    mutating func amend(_ token: UInt32, to state: State) { transitions[Int(token)].to = state }

    /// What stands, of both ends, in the order in which it was found.
    var standing: [Transition] {
        transitions.indices.filter { !withdrawn.contains(UInt32($0)) }.map { transitions[$0] }
    }
}

/// A single connection that is shown a conversation, with what it said about it.
final class Watch {
    var context: MachineContext<Ledger>
    var connection: Connection
    let talk: Conversation

    /// Shows a connection everything that was said.
    init(_ talk: Conversation, profile: StackProfile = .linux) {
        self.talk = talk
        context = MachineContext(observer: Ledger(), profile: profile)
        let (first, time) = talk.segments[0]
        connection = Connection(
            serial: 0, stream: 0, first: first, from: FlowKey.sender(of: first), at: time, frame: 1)
        for (index, (segment, time)) in talk.segments.enumerated() {
            connection.receive(
                segment, from: FlowKey.sender(of: segment), at: time, frame: UInt64(index + 1),
                context: &context)
        }
    }

    /// Lets time pass.
    func advance(to time: Timestamp) {
        connection.advance(to: time, context: &context)
    }

    /// The states of the two ends; the conversation's client has the smaller address.
    var states: [State] { [connection[.low].state, connection[.high].state] }

    var ledger: Ledger { context.observer }

    /// The latest transition that stands.
    var last: Transition? { ledger.standing.last }

    /// When the next timer runs out; nil if none runs.
    var nextDeadline: Timestamp? { connection.nextDeadline(&context) }
}
