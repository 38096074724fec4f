internal import TCPState
public import Wire

extension StuckConnection {
    /// Who is waiting for whom, in one plain sentence.
    ///
    /// - Parameters:
    ///   - end: when the capture ended.
    ///   - name: what to call an end, such as its address and port.
    public func sentence(at end: Timestamp, _ name: (Role) -> String) -> String {
        let age = Age(nanoseconds: end - since).description
        let text =
            switch situation {
            case .halfClosed(let closer): halfClosed(by: closer, age, name)
            case .workingHalfClose(let closer):
                "\(name(closer)) sent its FIN \(age) ago and reads on, \(name(closer.peer)) goes on"
                    + " sending: a half-close at work, nobody is late"
            case .halfOpen(let remaining): halfOpen(remaining, age, name)
            case .closing(let sender): closing(sender, age, name)
            case .opening(let sender): opening(sender, age, name)
            case .unansweredData(let sender): unansweredData(sender, age, name)
            case .zeroWindow(let receiver): zeroWindow(receiver, age, name)
            case .unansweredKeepalives(let prober):
                "\(name(prober)) has sent \(times(self[prober].unansweredKeepalives, "keepalive"))"
                    + " and heard nothing from \(name(prober.peer)) for \(age):"
                    + " that host or the path to it is gone"
            }
        return text + (grade == .inferred && situation.isByState ? " (inferred)." : ".")
    }

    private func halfClosed(by closer: Role, _ age: String, _ name: (Role) -> String) -> String {
        let open = closer.peer
        guard self[open].hasSent else {
            return "\(name(closer)) closed \(age) ago; the capture shows nothing of \(name(open)),"
                + " which owes a close()"
        }
        let queue =
            self[open].unacknowledgedBytes > 0
            ? " with \(self[open].unacknowledgedBytes) bytes of its own on the way" : ""
        let givenUp =
            self[closer].state == .closed
            ? "; \(name(closer)) has stopped waiting (assumed, by its timer)" : ""
        return "\(name(open)) received the FIN \(age) ago and its program has not closed\(queue):"
            + " the \(open.name) owes a close()\(givenUp)"
    }

    private func halfOpen(_ remaining: Role, _ age: String, _ name: (Role) -> String) -> String {
        let why = self[remaining.peer].grade == .assumed ? " (assumed)" : ""
        return
            "\(name(remaining.peer)) has been gone for \(age)\(why) and \(name(remaining)) does not"
            + " know: it finds out when it sends or by a keepalive"
    }

    private func closing(_ sender: Role, _ age: String, _ name: (Role) -> String) -> String {
        let fins = times(self[sender].finCount, "FIN")
        let isLast = self[sender].state == .lastAck
        let peer =
            switch self[sender.peer].state {
            case .closed: "\(name(sender.peer)) is closed already"
            case .timeWait: "\(name(sender.peer)) is in TIME_WAIT and should answer"
            default: "that host or the path to it is gone, or slow"
            }
        return "\(name(sender)) has sent its \(isLast ? "last " : "")FIN (\(fins) in \(age)) and"
            + " waits for \(name(sender.peer)) to acknowledge it: \(peer)"
    }

    private func opening(_ sender: Role, _ age: String, _ name: (Role) -> String) -> String {
        let this = self[sender]
        guard sender == .server else {
            return "\(name(.client)) has sent \(times(this.synCount, "SYN")) in \(age) and"
                + " \(name(.server)) does not answer: a filter drops them, or no host is there"
        }
        guard this.synCount > 0 else {
            return "\(name(.server)) has received a SYN \(age) ago and has not answered yet"
        }
        let why =
            switch client.state {
            case .synSent where client.synCount > 1: "the client repeats its SYN: it never arrives"
            case .established: "the client has sent it: it was lost or ignored"
            default: "the client is silent: it is gone, or its address was forged"
            }
        return "\(name(.server)) has sent \(times(this.synCount, "SYN,ACK")) in \(age) and waits"
            + " for the ACK of \(name(.client)): \(why)"
    }

    private func unansweredData(
        _ sender: Role, _ age: String, _ name: (Role) -> String
    ) -> String {
        "\(name(sender)) waits for \(name(sender.peer)) to acknowledge"
            + " \(self[sender].unacknowledgedBytes) bytes and has repeated itself"
            + " \(times(self[sender].unansweredRetransmissions, "time")) in \(age):"
            + " that host or the path to it is gone"
    }

    private func zeroWindow(_ receiver: Role, _ age: String, _ name: (Role) -> String) -> String {
        "\(name(receiver)) has kept its window closed for \(age):"
            + " its program does not read, and \(name(receiver.peer)) waits to send"
    }

    private func times(_ count: UInt16, _ word: String) -> String {
        count == 1 ? "1 \(word)" : "\(count) \(word)s"
    }
}

extension Situation {
    /// Whether it follows from the states alone, so that their grade is its own.
    fileprivate var isByState: Bool {
        switch self {
        case .halfClosed, .halfOpen, .closing, .opening: true
        case .unansweredData, .zeroWindow, .unansweredKeepalives, .workingHalfClose: false
        }
    }
}
