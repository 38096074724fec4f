import TCPState
import TestKit
import Testing
import Wire

/// Where the tap is: the one-way delay from each host to it, in nanoseconds.
struct Vantage: CustomTestStringConvertible, Sendable {
    let name: String
    let delays: [Int64]

    var testDescription: String { name }

    static let client = Vantage(name: "tap at the client", delays: [10_000, 5_000_000])
    static let server = Vantage(name: "tap at the server", delays: [5_000_000, 10_000])
    static let middle = Vantage(name: "tap in the middle", delays: [2_500_000, 2_500_000])
    static let all = [client, server, middle]
}

/// What happens to one packet, named by the order in which packets are sent.
enum Disturbance: Sendable {
    /// Lost before the tap: neither seen nor received.
    case lostBefore
    /// Lost after the tap: seen, not received.
    case lostAfter
    /// Held up before the tap for so many nanoseconds.
    case late(Int64)
}

/// Two hosts, the way between them and a tap on it.
struct TinyNetwork {
    private enum Happening {
        case passesTap(from: Int, Segment, isLost: Bool)
        case arrives(at: Int, Segment)
        case wakes(Int)
    }

    let vantage: Vantage
    let disturbances: [Int: Disturbance]
    var hosts: [TinyHost]
    /// What the tap saw.
    var seen: [(segment: Segment, from: Int, time: Int64)] = []
    /// Packets sent, lost ones included.
    var sent = 0
    private var events: [(time: Int64, order: Int, what: Happening)] = []
    private var order = 0

    init(hosts: [TinyHost], vantage: Vantage, disturbances: [Int: Disturbance] = [:]) {
        self.hosts = hosts
        self.vantage = vantage
        self.disturbances = disturbances
        for index in hosts.indices { plan(0, .wakes(index)) }
        while let next = nextHappening() {
            // Longer than any retry here; a host that never gives up ends by it.
            guard next.time < 100_000_000_000 else { break }
            happen(next.what, at: next.time)
        }
    }

    private mutating func plan(_ time: Int64, _ what: Happening) {
        events.append((time, order, what))
        order += 1
    }

    private mutating func nextHappening() -> (time: Int64, order: Int, what: Happening)? {
        guard
            let index = events.indices.min(by: {
                (events[$0].time, events[$0].order) < (events[$1].time, events[$1].order)
            })
        else { return nil }
        return events.remove(at: index)
    }

    private mutating func happen(_ what: Happening, at time: Int64) {
        switch what {
        case .passesTap(let from, let segment, let isLost):
            seen.append((segment, from, time))
            if !isLost { plan(time + vantage.delays[1 - from], .arrives(at: 1 - from, segment)) }
        case .arrives(let index, let segment):
            hosts[index].receive(segment, at: time)
            fulfil(index, at: time)
        case .wakes(let index):
            hosts[index].wake(at: time)
            fulfil(index, at: time)
        }
    }

    private mutating func fulfil(_ index: Int, at time: Int64) {
        let wishes = hosts[index].wishes
        hosts[index].wishes = []
        for wish in wishes {
            switch wish {
            case .wake(let later): plan(max(later, time), .wakes(index))
            case .transmit(let segment):
                var tapTime = time + vantage.delays[index]
                var isLost = false
                var isUnseen = false
                switch disturbances[sent] {
                case .lostBefore: isUnseen = true
                case .lostAfter: isLost = true
                case .late(let delay): tapTime += delay
                case nil: break
                }
                sent += 1
                if !isUnseen {
                    plan(tapTime, .passesTap(from: index, segment, isLost: isLost))
                }
            }
        }
    }

    /// What the tap saw, line by line.
    var transcript: String {
        seen.enumerated().map { index, packet in
            let segment = packet.segment
            return "\(index + 1) \(Double(packet.time / 1000) / 1000) ms "
                + "\(packet.from == 0 ? "client" : "server") \(segment.flags) "
                + "seq \(segment.sequenceNumber) ack \(segment.acknowledgmentNumber) "
                + "len \(segment.payloadLength)"
        }.joined(separator: "\n")
    }
}
