internal import TCPState
internal import Wire

extension FindingGroup {
    /// What is the matter, in one line without a full stop.
    public var title: String {
        switch key.diagnosis {
        case .closeWaitLeak: "the \(key.end.name)'s program does not close"
        case .finWait2Held: "the \(key.end.peer.name) kept its half until the peer had forgotten it"
        case .finWait1Stuck: "the \(key.end.name)'s FIN is not acknowledged"
        case .lastACKStuck: "the \(key.end.name)'s last FIN is not acknowledged"
        case .timeWaitPileup: "TIME_WAITs pile up at the \(key.end.name), who closes first"
        case .portReuseCollision: "a port was used again too early"
        case .legitimateHalfClose: "half-closed on purpose"
        case .idleTimeoutBlackhole: "a device forgets idle connections and drops what follows"
        case .idleTimeoutReset: "a device forgets idle connections and resets what follows"
        case .forgedReset: "somebody else sends RSTs in the \(key.end.name)'s name"
        case .halfOpenPeerRestarted: "the \(key.end.name) no longer knows the connection"
        case .halfOpen: "the \(key.end.name) does not know that its peer is gone"
        case .abortiveClose: "the \(key.end.name) closes by RST"
        case .keepaliveRace: "the \(key.end.name) closes idle connections its peer still uses"
        case .resetIgnored: "a RST with a wrong number, which was ignored"
        case .synFiltered: "SYNs are not answered"
        case .acceptQueueFull: "the server's accept queue is full"
        case .refused: "nothing listens on the port"
        case .synReceivedStuck: "the SYN,ACK is not answered"
        case .synFlood: "a flood of SYNs that nobody completes"
        case .portScan: "one address tries many ports"
        case .simultaneousOpen: "both ends called each other at once"
        case .selfConnect: "a client is connected to itself"
        case .zeroWindowStall: "the \(key.end.name)'s program does not read"
        case .keepaliveFailed: "the \(key.end.name)'s keepalives are not answered"
        case .retransmitUntilDeath: "what the \(key.end.name) sends is not acknowledged"
        case .healthCheck: "health checks"
        case .unfinished: "being opened or closed when the capture ends"
        case .oneWay: "the capture shows only what the \(key.end.name)s send"
        }
    }

    /// What the packets show, in whole sentences.
    public var sentence: String {
        let text = story
        return settled == 0 && severity != .benign
            ? text + " The capture ends too early to say more." : text
    }

    /// The connections, as the subject of a sentence, with a verb that agrees.
    private func they(_ one: String, _ many: String) -> String { count == 1 ? one : many }

    private var story: String {
        let end = key.end
        let owner = end.name
        let peer = end.peer.name
        switch key.diagnosis {
        case .closeWaitLeak:
            let late =
                forms[.expired] == 0
                ? "" : " For some, the \(peer)'s kernel has stopped waiting by now (assumed)."
            return "The \(peer) has sent its FIN and the \(owner)'s kernel has acknowledged it;"
                + " since then the \(owner) has sent nothing: its program owes a close()."
                + " CLOSE_WAIT at the \(owner), FIN_WAIT2 at the \(peer).\(late)"
        case .finWait2Held:
            return "The \(owner) closed, and \(lengthText) later, when its kernel had dropped the"
                + " orphaned FIN_WAIT2, the \(peer) sent after all and was answered by RST."
        case .finWait1Stuck, .lastACKStuck:
            let why =
                switch form {
                case .windowClosed: "the \(peer)'s window is closed: its program does not read"
                case .returnPath:
                    "the \(peer)'s acknowledgments go past here and do not reach the \(owner)"
                default: "the \(peer) has said nothing since: it is gone, or the way to it"
                }
            return "The \(owner) has sent the same FIN again and again, and \(why)."
        case .timeWaitPileup:
            return
                "The \(owner) sent the first FIN of \(count) connections and keeps each port pair"
                + " for its TIME_WAIT. It is the closer that pays, whoever opened."
        case .portReuseCollision:
            let holder = form == .leaked ? " in CLOSE_WAIT: its program has not closed" : ""
            return "The client's SYN meets a socket that the server still holds\(holder). It is not"
                + " answered by SYN,ACK until the old socket is gone."
        case .legitimateHalfClose:
            return
                "The \(owner) has sent its FIN and the \(peer) goes on sending, which the \(owner)"
                + " acknowledges."
        case .idleTimeoutBlackhole:
            return "After a silence the \(owner)'s data is never acknowledged, while the \(peer) is"
                + " alive on other connections. \(timeout)"
        case .idleTimeoutReset:
            return
                "After a silence the first segment is answered by a RST in the \(owner)'s name that"
                + " the \(owner) did not send: another time to live, or too soon. \(timeout)"
        case .forgedReset:
            let proof =
                grade == .proved
                ? "The \(owner) goes on with new data after it" : "Its time to live is another one"
            return "The RST is not the \(owner)'s own. \(proof)."
        case .halfOpenPeerRestarted:
            return
                "What the \(peer) sends is answered by a RST without ACK: the \(owner)'s host has"
                + " no such socket, and never sent a FIN. It restarted or failed over, or another"
                + " host answers now."
        case .halfOpen:
            let how = form == .expired ? " (assumed, by its timer)" : ""
            return
                "The \(peer) is closed\(how) and the \(owner) is not: it finds out when it sends,"
                + " or by a keepalive."
        case .abortiveClose: return abort
        case .keepaliveRace:
            return "After \(lengthText) of silence the \(owner) closes just when the \(peer)'s next"
                + " data is on its way, and answers that by RST: its idle timeout is shorter than"
                + " the time that the \(peer) keeps connections."
        case .resetIgnored:
            return "A RST in the \(owner)'s name has a number inside the window, but not the next"
                + " one. The receiver answers with a challenge ACK at most, and the connection goes"
                + " on."
        case .synFiltered:
            return form == .reported
                ? "The SYN is answered by an ICMP error: a filter or a router refuses it."
                : "SYNs are repeated and nothing comes back: a filter drops them, no host is there,"
                    + " or the way back is broken."
        case .acceptQueueFull:
            let more = related == 0 ? "" : " \(related) more attempts were not answered meanwhile."
            let how =
                switch form {
                case .reset: "The server answers the clients' last ACK by RST"
                case .silence: "SYNs are not answered, though other handshakes succeed meanwhile"
                default:
                    "The clients' last ACK, and data even, has come, and the server acknowledges"
                        + " nothing, or repeats its SYN,ACK"
                }
            return "\(how): the program does not accept connections fast enough.\(more)"
        case .refused:
            return "The SYN is answered by RST: the host is up and nothing listens there."
        case .synReceivedStuck:
            switch form {
            case .returnPath:
                return "The server repeats its SYN,ACK and the client its SYN: the answer does not"
                    + " reach the client."
            case .silence:
                return "The server repeats its SYN,ACK and the client is silent: it is gone, or its"
                    + " address was forged."
            default:
                return
                    "The server repeats its SYN,ACK though the client has answered: the answer was"
                    + " lost, or the server waits for data (TCP_DEFER_ACCEPT)."
            }
        case .synFlood:
            return "\(count) SYNs did not complete their handshake, \(measure) did; most come once,"
                + " from many addresses."
        case .portScan:
            return "\(examples.first?.address(.client).description ?? "A client") tried \(measure)"
                + " ports, which are closed or say nothing."
        case .simultaneousOpen: return "The SYNs crossed: legal, and one connection."
        case .selfConnect:
            return "Source and destination are the same address and port: the client was given the"
                + " port that it called. The service that belongs there cannot bind it now."
        case .zeroWindowStall:
            let past = forms[.past] == count ? "kept its window closed" : "keeps its window closed"
            return "The \(owner) \(past), for \(lengthText): its program does not read, and the"
                + " \(peer) has to wait."
        case .keepaliveFailed:
            let pause = lengths.upperBound > 0 ? ", \(lengthText) apart" : ""
            let verdict = forms[.reset] == 0 ? "" : " Then the \(owner) gives up with a RST."
            return
                "The \(owner)'s keepalive probes\(pause), have no answer: the \(peer)'s host or the"
                + " way to it is gone.\(verdict)"
        case .retransmitUntilDeath:
            return
                "The \(owner) repeats the same data at growing distances: the \(peer)'s host or the"
                + " way to it is gone. When the \(owner) gives up, no packet says so."
        case .healthCheck:
            return "Opened and closed without a byte, every \(Age(nanoseconds: measure))."
        case .unfinished:
            return "Half-closed or waiting, but not for long."
        case .oneWay:
            return
                "\(they("A connection", "\(count) connections")) with one direction only, though it"
                + " acknowledges the other. Nothing is said about the ends that are not seen."
        }
    }

    private var abort: String {
        let owner = key.end.name
        let peer = key.end.peer.name
        switch form {
        case .unread:
            return "The \(owner) closes by RST with ACK, after data that it had not answered:"
                + " probably unread data in its queue, or linger 0."
        case .closedEarly:
            return
                "The \(owner) closed while the \(peer) still had to send: what comes after its FIN"
                + " is answered by RST."
        case .inHandshake:
            return "The \(owner) answers the SYN,ACK by RST: it gave up, or only wanted to know."
        default:
            return "The \(owner) closes a live connection by RST: linger 0, or an abort on purpose."
        }
    }

    /// The idle timeout between what was survived and what was not.
    private var timeout: String {
        let killed = Age(nanoseconds: lengths.lowerBound)
        let survived = measure > 0 ? "\(Age(nanoseconds: measure)) was survived, " : ""
        let verdict = "\(survived)\(killed) was not"
        let known =
            count >= 3
            ? IdleTimeouts.devices(survived: measure, killed: lengths.lowerBound) : nil
        return "Silence: \(verdict)." + (known.map { " Such a timeout: \($0)." } ?? "")
    }

    /// The length that the diagnosis measures: one, or from the shortest to the longest.
    var lengthText: String {
        let shortest = Age(nanoseconds: lengths.lowerBound).description
        let longest = Age(nanoseconds: lengths.upperBound).description
        return shortest == longest ? longest : "\(shortest) to \(longest)"
    }

    /// What would show that it is not so.
    public var refutation: String {
        switch key.diagnosis {
        case .closeWaitLeak:
            "the FIN of the \(key.end.name) took another way, or was sent after the capture"
        case .finWait2Held: "another host answered in the \(key.end.name)'s place"
        case .finWait1Stuck, .lastACKStuck:
            "a capture at the \(key.end.name) shows the acknowledgment"
        case .timeWaitPileup: "the ports are far from used up"
        case .portReuseCollision: "the earlier connection is another host's behind the same NAT"
        case .idleTimeoutBlackhole, .idleTimeoutReset:
            "a second capture, behind the suspect, shows the segment and no answer"
        case .forgedReset: "the capture joins two sides of a NAT, or the route changed"
        case .halfOpenPeerRestarted: "the FIN of the \(key.end.name) is missing from the capture"
        case .halfOpen: "a segment of the \(key.end.peer.name) after the capture"
        case .abortiveClose: "the RST's numbers are those of a device on the way"
        case .keepaliveRace: "the \(key.end.peer.name) had seen the FIN when it sent"
        case .resetIgnored: "the capture misses what would make the number right"
        case .synFiltered: "a capture at the server shows an answer: then the way back is broken"
        case .acceptQueueFull: "`nstat -az TcpExtListenOverflows` does not grow on the server"
        case .refused: "the RST's time to live differs from the server's: a filter sent it"
        case .synReceivedStuck: "a capture at the client shows that it answers"
        case .synFlood: "the clients are real and the server is too slow"
        case .portScan: "it is an inventory of your own"
        case .zeroWindowStall: "the Recv-Q at the \(key.end.name) is empty"
        case .keepaliveFailed, .retransmitUntilDeath:
            "a capture at the \(key.end.peer.name) shows its answers"
        case .selfConnect, .unfinished, .oneWay, .healthCheck, .legitimateHalfClose,
            .simultaneousOpen:
            ""
        }
    }
}
