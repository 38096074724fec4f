import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// Two interfaces, or two VLANs, that see the same addresses and ports.
@Suite struct ScopeTests {
    /// Looks connections up, and knows which began.
    struct Finder: TrackingObserver {
        static var looksUp: Bool { true }
        var records: [ConnectionRecord] = []
        var serials: Set<UInt32> = []

        mutating func connectionOpened(_ record: ConnectionRecord) { records.append(record) }
        mutating func observe(_ transition: Transition) -> UInt32 {
            serials.insert(transition.connection)
            return 0
        }
        mutating func confirm(
            _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
        ) {}
        mutating func withdraw(_ token: UInt32) {}
        mutating func amend(_ token: UInt32, to state: State) {}
        mutating func connectionClosed(
            _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
        ) {}
    }

    static func frame(_ bytes: [UInt8], vlan: UInt16) -> [UInt8] {
        Array(bytes[..<12]) + [0x81, 0, UInt8(vlan >> 8), UInt8(vlan & 0xff)] + bytes[12...]
    }

    /// Gives each frame to the tracker as each of some places sees it, a tenth of a millisecond apart.
    static func run(
        _ frames: [(bytes: [UInt8], time: Timestamp)],
        _ locations: [(interface: UInt32, vlan: UInt16?)]
    ) -> Tracker<Finder> {
        var tracker = Tracker(observer: Finder(), profile: .linux, maximumConnections: 1000)
        var number: UInt64 = 0
        for (bytes, time) in frames {
            for (index, location) in locations.enumerated() {
                number += 1
                let bytes = location.vlan.map { frame(bytes, vlan: $0) } ?? bytes
                tracker.receive(
                    bytes.span, linkType: .ethernet, wireLength: bytes.count,
                    at: time + Int64(index) * 100_000, interface: location.interface, frame: number)
            }
        }
        return tracker
    }

    @Test(
        arguments: [
            [(0, nil), (1, nil)], [(0, nil), (0, 100)], [(0, 7), (1, 7), (1, 8)],
        ] as [[(interface: UInt32, vlan: UInt16?)]])
    func `each place has a connection of its own, which is found by its number`(
        _ locations: [(interface: UInt32, vlan: UInt16?)]
    ) throws {
        let talk = Conversation()
        talk.open()
        talk.client.fin()
        talk.server.ack()
        let tracker = Self.run(talk.frames, locations)
        let records = tracker.observer.records
        #expect(records.count == locations.count)
        #expect(tracker.observer.serials == Set(records.map(\.connection.serial)))
        let names = ScopeNames(interfaces: 2)
        for (record, location) in zip(records, locations) {
            let found = tracker.connection(numbered: record.connection.serial)
            let now = try #require(found)
            #expect(now.connection.server.state == .closeWait)
            #expect(names.location(of: now.scope)?.interface == location.interface)
            #expect(names.location(of: now.scope)?.vlan == location.vlan)
            let isCopy = now.connection.anomalies.contains(.seenElsewhere)
            #expect(isCopy == (location != locations[0]), "the same packets count once")
        }
    }

    @Test func `two networks with the same addresses are no copies of each other`() throws {
        var frames: [(bytes: [UInt8], time: Timestamp, vlan: UInt16)] = []
        for (vlan, number) in [(1, 1_000), (2, 3_000_000_000)] as [(UInt16, UInt32)] {
            let talk = Conversation(clientISS: number, serverISS: number &+ 77)
            talk.open()
            talk.client.send(10)
            frames += talk.frames.map { (Self.frame($0.bytes, vlan: vlan), $0.time, vlan) }
        }
        var tracker = Tracker(observer: Finder(), profile: .linux, maximumConnections: 1000)
        for (index, frame) in frames.sorted(by: { $0.time < $1.time }).enumerated() {
            tracker.receive(
                frame.bytes.span, linkType: .ethernet, wireLength: frame.bytes.count,
                at: frame.time,
                interface: 0, frame: UInt64(index + 1))
        }
        let records = tracker.observer.records
        #expect(records.count == 2)
        for record in records {
            let found = tracker.connection(numbered: record.connection.serial)
            let now = try #require(found)
            #expect(!now.connection.anomalies.contains(.seenElsewhere))
            #expect(now.connection.client.state == .established)
        }
    }

    /// RFC 792: the error comes back on the network on which the segment went out.
    @Test(arguments: [100, 200] as [UInt16])
    func `an ICMP error is about the connection of its own VLAN`(_ vlan: UInt16) throws {
        let talk = Conversation()
        talk.client.syn()
        let syn = try #require(talk.frames.first)
        // Host unreachable, from 10.9.9.9, with the SYN's IP header and eight bytes.
        var error: [UInt8] = [3, 1, 0, 0, 0, 0, 0, 0] + syn.bytes[14..<42]
        let header: [UInt8] = [
            0x45, 0, 0, UInt8(20 + error.count), 0, 0, 0, 0, 64, 1, 0, 0, 10, 9, 9, 9,
        ]
        error = Array(syn.bytes[..<14]) + header + syn.bytes[26..<30] + error
        var tracker = Self.run(talk.frames, [(0, 100), (0, 200)])
        let bytes = Self.frame(error, vlan: vlan)
        tracker.receive(
            bytes.span, linkType: .ethernet, wireLength: bytes.count, at: syn.time + 1_000_000,
            interface: 0, frame: 3)
        #expect(tracker.counts[.icmp] == 1)
        let names = ScopeNames(interfaces: 1)
        for record in tracker.observer.records {
            let found = tracker.connection(numbered: record.connection.serial)
            let now = try #require(found)
            let isItsOwn = names.location(of: now.scope)?.vlan == vlan
            #expect(now.connection.client.state == (isItsOwn ? .closed : .synSent))
        }
    }

    @Test func `a later run goes on with the connection of each VLAN`() throws {
        let talk = Conversation()
        talk.open()
        let opened = talk.frames.count
        talk.client.fin()
        talk.server.ack()
        let locations: [(interface: UInt32, vlan: UInt16?)] = [(0, 100), (0, 200)]
        let first = Self.run(Array(talk.frames[..<opened]), locations)
        var second = Tracker(observer: Finder(), profile: .linux, maximumConnections: 10)
        for record in first.observer.records {
            let found = first.connection(numbered: record.connection.serial)
            let now = try #require(found)
            let isTaken = second.adopt(
                ConnectionArchive(now.connection), on: now.key, scope: now.scope, at: talk.now)
            #expect(isTaken)
            let isTwice = second.adopt(
                ConnectionArchive(now.connection), on: now.key, scope: now.scope, at: talk.now)
            #expect(!isTwice)
        }
        for (bytes, time) in talk.frames[opened...] {
            let tagged = Self.frame(bytes, vlan: 200)
            second.receive(
                tagged.span, linkType: .ethernet, wireLength: tagged.count, at: time, interface: 0,
                frame: 9)
        }
        #expect(second.counts.connections == 2)
        let states = second.observer.records.map {
            second.connection(numbered: $0.connection.serial)?.connection.server.state
        }
        #expect(states == [.established, .closeWait])
    }
}
