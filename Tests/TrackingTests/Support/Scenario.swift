import TCPState
import TestKit
import Testing
import Wire

/// A conversation of two hosts, and the states that RFC 9293 takes both through.
struct Scenario: CustomTestStringConvertible, Sendable {
    let name: String
    var client: [Step]
    var server: [Step]
    var clientBehaviour = TinyHost.HostBehaviour()
    var serverBehaviour = TinyHost.HostBehaviour(listens: true)
    /// The states of every incarnation of each end, in order.
    let expected: [[[State]]]

    var testDescription: String { name }

    /// Lets the two hosts talk.
    func run(
        _ vantage: Vantage, wraps: Bool = false, timestamps: Bool = true,
        disturbances: [Int: Disturbance] = [:]
    ) -> TinyNetwork {
        let addresses = [Address(ipv4: 0x0a00_0001), Address(ipv4: 0x0a00_0002)]
        let hosts = [
            TinyHost(
                address: addresses[0], port: 40000, peerAddress: addresses[1], peerPort: 80,
                iss: wraps ? 0xffff_fff0 : 1_000_000, behaviour: clientBehaviour,
                hasTimestamps: timestamps, program: client),
            TinyHost(
                address: addresses[1], port: 80, peerAddress: addresses[0], peerPort: 40000,
                iss: wraps ? 0xffff_ffff : 7_000_000, behaviour: serverBehaviour,
                hasTimestamps: timestamps, program: server),
        ]
        return TinyNetwork(hosts: hosts, vantage: vantage, disturbances: disturbances)
    }

    static let opens: [State] = [.closed, .synSent, .established]
    static let answers: [State] = [.listen, .synReceived, .established]
    static let activeClose: [State] = [.finWait1, .finWait2, .timeWait]
    static let passiveClose: [State] = [.closeWait, .lastAck, .closed]

    static let all: [Scenario] = [
        Scenario(
            name: "client closes first",
            client: [.connect, .send(100), .read(100), .close],
            server: [.accept, .read(100), .send(100), .readToEnd, .sleep(20), .close],
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "server closes first",
            client: [.connect, .send(100), .readToEnd, .sleep(20), .close],
            server: [.accept, .read(100), .send(100), .close],
            expected: [[opens + passiveClose], [answers + activeClose]]),
        Scenario(
            name: "three-segment close",
            client: [.connect, .send(100), .read(100), .close],
            server: [.accept, .read(100), .send(100), .readToEnd, .close],
            serverBehaviour: TinyHost.HostBehaviour(listens: true, ackDelay: 40),
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "close with delayed acknowledgments",
            client: [.connect, .send(100), .readToEnd, .sleep(100), .close],
            server: [.accept, .read(100), .send(100), .close],
            clientBehaviour: TinyHost.HostBehaviour(ackDelay: 40),
            serverBehaviour: TinyHost.HostBehaviour(listens: true, ackDelay: 40),
            expected: [[opens + passiveClose], [answers + activeClose]]),
        Scenario(
            name: "server closes at once",
            client: [.connect, .readToEnd, .close],
            server: [.accept, .close],
            expected: [[opens + passiveClose], [answers + activeClose]]),
        Scenario(
            name: "client says nothing and closes",
            client: [.connect, .close],
            server: [.accept, .readToEnd, .close],
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "simultaneous close",
            client: [.connect, .send(100), .read(100), .until(8000), .close],
            server: [.accept, .read(100), .send(100), .until(8000), .close],
            expected: [
                [opens + [.finWait1, .closing, .timeWait]],
                [answers + [.finWait1, .closing, .timeWait]],
            ]),
        Scenario(
            name: "simultaneous open",
            client: [.until(10), .connect, .send(100), .read(100), .close],
            server: [.until(10), .connect, .read(100), .send(100), .readToEnd, .sleep(20), .close],
            serverBehaviour: TinyHost.HostBehaviour(),
            expected: [
                [[.closed, .synSent, .synReceived, .established] + activeClose],
                [[.closed, .synSent, .synReceived, .established] + passiveClose],
            ]),
        Scenario(
            name: "half-close that goes on",
            client: [.connect, .send(100), .shutdown, .readToEnd],
            server: [
                .accept, .readToEnd, .send(1000), .sleep(50), .send(1000), .sleep(50), .send(1000),
                .sleep(50), .close,
            ],
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "half-close that stays",
            client: [.connect, .send(100), .read(100), .shutdown],
            server: [.accept, .read(100), .send(100), .readToEnd, .sleep(20), .send(2000)],
            expected: [[opens + [.finWait1, .finWait2]], [answers + [.closeWait]]]),
        Scenario(
            name: "FIN with data",
            client: [.connect, .sendAndClose(700), .readToEnd],
            server: [.accept, .readToEnd, .sleep(20), .sendAndClose(2)],
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "several segments and FIN at once",
            client: [.connect, .send(3000), .shutdown, .readToEnd],
            server: [.accept, .readToEnd, .send(3000), .close],
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "refused", client: [.connect], server: [],
            serverBehaviour: TinyHost.HostBehaviour(),
            expected: [[[.closed, .synSent, .closed]], []]),
        Scenario(
            name: "reset by the client",
            client: [.connect, .send(100), .read(100), .abort],
            server: [.accept, .read(100), .send(100), .readToEnd],
            expected: [[opens + [.closed]], [answers + [.closed]]]),
        Scenario(
            name: "reset by the server",
            client: [.connect, .send(100), .readToEnd],
            server: [.accept, .read(100), .send(100), .abort],
            expected: [[opens + [.closed]], [answers + [.closed]]]),
        Scenario(
            name: "reset in CLOSE_WAIT",
            client: [.connect, .send(100), .read(100), .shutdown, .readToEnd],
            server: [.accept, .read(100), .send(100), .readToEnd, .sleep(20), .abort],
            expected: [
                [opens + [.finWait1, .finWait2, .closed]], [answers + [.closeWait, .closed]],
            ]),
        Scenario(
            name: "data after close is answered by RST",
            client: [.connect, .send(100), .read(100), .close],
            server: [.accept, .read(100), .send(100), .readToEnd, .sleep(20), .send(100)],
            expected: [
                [opens + [.finWait1, .finWait2, .closed]], [answers + [.closeWait, .closed]],
            ]),
        Scenario(
            name: "RST with the FIN's own number in CLOSE_WAIT",
            client: [
                .connect, .send(100), .read(100), .shutdown, .sleep(500), .crash,
                .forge {
                    $0.flags = [.rst, .ack]
                    $0.sequenceNumber = $0.sequenceNumber - 1
                    $0.options = TCPOptions()
                },
            ],
            server: [.accept, .read(100), .send(100), .sleep(60_000)],
            expected: [
                [opens + [.finWait1, .finWait2, .closed]], [answers + [.closeWait, .closed]],
            ]),
        Scenario(
            name: "forged RST with a wrong number in the window",
            client: [.connect, .send(100), .read(100), .sleep(100), .close],
            server: [
                .accept, .read(100), .send(100), .sleep(20),
                .forge {
                    $0.flags = [.rst]
                    $0.sequenceNumber = $0.sequenceNumber + 50
                    $0.timeToLive = 57
                    $0.options = TCPOptions()
                },
                .readToEnd, .sleep(20), .close,
            ],
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "SYN in an established connection",
            client: [
                .connect, .send(100), .read(100), .sleep(20),
                .forge {
                    $0.flags = [.syn]
                    $0.acknowledgmentNumber = SequenceNumber(0)
                    $0.sequenceNumber = $0.sequenceNumber - 101
                },
                .sleep(50), .close,
            ],
            server: [.accept, .read(100), .send(100), .readToEnd, .sleep(20), .close],
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "keepalives",
            client: [
                .connect, .send(100), .read(100),
                .sleep(500), .forge { $0.sequenceNumber = $0.sequenceNumber - 1 },
                .sleep(500), .forge { $0.sequenceNumber = $0.sequenceNumber - 1 },
                .sleep(500), .close,
            ],
            server: [.accept, .read(100), .send(100), .readToEnd, .sleep(20), .close],
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "accept queue full",
            client: [.connect, .send(100), .read(100), .close],
            server: [.accept, .read(100), .send(100), .readToEnd, .sleep(20), .close],
            serverBehaviour: TinyHost.HostBehaviour(listens: true, acceptsFrom: 2500),
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "FIN while the accept queue is full",
            client: [.connect, .sendAndClose(100)],
            server: [.accept, .readToEnd, .sleep(20), .close],
            serverBehaviour: TinyHost.HostBehaviour(listens: true, acceptsFrom: 1500),
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "SYN cookie that comes back",
            client: [.connect, .send(100), .read(100), .close],
            server: [.accept, .read(100), .send(100), .readToEnd, .sleep(20), .close],
            serverBehaviour: TinyHost.HostBehaviour(listens: true, usesCookies: true),
            expected: [[opens + activeClose], [answers + passiveClose]]),
        Scenario(
            name: "SYN into TIME_WAIT",
            client: [
                .connect, .send(100), .readToEnd, .sleep(20), .close, .until(8000), .connect,
                .send(100), .read(100),
            ],
            server: [.accept, .read(100), .send(100), .close, .until(7000), .send(0)],
            expected: [
                [opens + passiveClose, opens], [answers + activeClose + [.closed], answers],
            ]),
        Scenario(
            name: "SYN for an old connection, challenge ACK, RST, SYN",
            client: [.connect, .send(100), .read(100), .until(8000), .crash, .connect, .sleep(1)],
            server: [.accept, .read(100), .send(100)],
            expected: [[opens + [.closed], opens], [answers + [.closed], answers]]),
    ]
}
