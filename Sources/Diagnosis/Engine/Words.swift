internal import TCPState
internal import Wire

/// What the words of a diagnosis are made from: the group, and what its sentences name again and again.
@dynamicMemberLookup
struct Words {
    let group: FindingGroup

    subscript<Value>(dynamicMember path: KeyPath<FindingGroup, Value>) -> Value {
        group[keyPath: path]
    }

    /// The end that it is about.
    var end: Role { group.key.end }
    /// That end's name.
    var endName: String { end.name }
    /// The other end's name.
    var peer: String { end.peer.name }
    /// The service's port; a placeholder where no service is meant.
    var port: String { group.key.service.map { String($0.port) } ?? "PORT" }
    /// The service's address; a placeholder where no service is meant.
    var server: String { group.key.service?.address.description ?? "SERVER" }
    /// The first client; a placeholder where there is none.
    var other: String { group.examples.first?.address(.client).description ?? "CLIENT" }
    /// The address of the first end in a role.
    func address(_ role: Role) -> String { role == .server ? server : other }
    /// A second capture at the service.
    var capture: String {
        "`tcpdump -i any -w second.pcap 'host \(server) and tcp port \(port)'`"
    }

    /// The service's port, as ss sees it on the host of an end.
    func ss(_ role: Role) -> String { "'( \(role == .server ? "sport" : "dport") = :\(port) )'" }

    /// `1 connection`, `4,200 connections`.
    var connections: String { Count(group.count).of("connection") }
    /// How often it happened, in parentheses behind what is counted; empty where it stands for several
    /// connections, or happened once.
    func counted(_ noun: String) -> String {
        guard group.count == 1, let number = group.examples.first?.finding.count, number > 1 else {
            return ""
        }
        return " (\(Count(number)) \(noun))"
    }

    /// The subject of a sentence for one connection, or for several.
    func they(_ one: String, _ many: String) -> String { group.count == 1 ? one : many }

    /// Whether all connections of the service in the capture are of it.
    var isOfAll: Bool { group.isOfAll && group.count > 1 }
    /// What the silence of the other end means, without a full stop.
    var silence: String {
        group.isPeerUp
            ? "the \(peer)'s host is up, since it sends other segments meanwhile, so a device on the path drops"
                + " what belongs to this connection or has forgotten it"
            : "the \(peer)'s host is down or unreachable"
    }
    /// Whether it is about one port of many hosts.
    var isHorizontal: Bool { group.isHorizontal }
    /// The other address pair of the connection, if it is linked to one.
    var link: String? { group.link }
    /// The RST's time to live and its claimed sender's, as a sentence; empty where they agree.
    var timesToLive: String {
        guard let reset = group.examples.first?.reset,
            reset.timeToLive != reset.usualTimeToLive
        else { return "" }
        return
            " The RST has TTL \(reset.timeToLive); the \(endName)'s other segments have TTL"
            + " \(reset.usualTimeToLive)."
    }
    /// The time to live of the RST that refuses and of the server's SYN,ACKs, as a sentence.
    var refusalTimesToLive: String {
        guard let usual = group.usualTimeToLive, let reset = group.examples.first?.reset,
            reset.timeToLive != usual
        else { return "" }
        return " The RST has TTL \(reset.timeToLive); the server's SYN-ACKs have TTL \(usual)."
    }
    /// What an ICMP message says, and who.
    var icmp: String? { group.examples.lazy.compactMap(\.icmp).first.map(ICMPWords.text) }
    /// The same as a sentence that follows another; empty without one.
    var icmpReport: String { icmp.map { " An ICMP error reports it: \($0)." } ?? "" }
    /// What is measured in bytes.
    var lengthBytes: String {
        group.lengths.lowerBound == group.lengths.upperBound
            ? "\(group.lengths.upperBound.nanoseconds)"
            : "\(group.lengths.lowerBound.nanoseconds) to \(group.lengths.upperBound.nanoseconds)"
    }

    /// The length that the diagnosis measures: one, or from the shortest to the longest.
    var lengthText: String {
        let shortest = Age(group.lengths.lowerBound).description
        let longest = Age(group.lengths.upperBound).description
        return shortest == longest ? longest : "\(shortest) to \(longest)"
    }

    /// The idle timeout between what was survived and what was not.
    var timeout: String {
        let longest = TimeSpan(nanoseconds: group.measure)
        let killed = Age(group.lengths.lowerBound)
        let survived =
            group.measure > 0
            ? "; connections survived \(Age(longest)) of it" : ""
        let verdict = "The shortest silence after which it happened is \(killed)\(survived)."
        let known =
            group.count >= 3
            ? IdleTimeouts.devices(survived: longest, killed: group.lengths.lowerBound) : nil
        return verdict + (known.map { " Known for this timeout: \($0)." } ?? "")
    }
}

extension FindingGroup {
    /// What is the matter, in one line without a full stop.
    public var title: String { key.diagnosis.entry.title(Words(group: self)) }

    /// What the packets show, in whole sentences.
    public var sentence: String {
        let text = key.diagnosis.entry.sentence(Words(group: self))
        return settled == 0 && severity != .benign
            ? text + " The capture ends too early to be certain." : text
    }

    /// What to do, the first step first: commands stand between backquotes.
    public var remedy: [String] { key.diagnosis.entry.remedy(Words(group: self)) }
}
