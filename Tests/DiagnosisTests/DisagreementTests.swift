import Diagnosis
import TCPState
import Testing

struct DisagreementTests {
    @Test(arguments: State.allCases)
    func `Equal states agree`(_ state: State) {
        #expect(Disagreement(wire: state, kernel: state) == nil)
    }

    @Test(arguments: [
        (State.established, State.synReceived, Disagreement.notAccepted),
        (.closed, .closeWait, .heldByProgram), (.timeWait, .established, .endNotReceived),
        (.closed, .established, .endNotReceived), (.established, .closeWait, .missedPackets),
        (.closeWait, .established, .notYetReceived),
    ])
    func `A difference has its rule`(_ wire: State, _ kernel: State, _ expected: Disagreement) {
        #expect(Disagreement(wire: wire, kernel: kernel) == expected)
    }

    @Test func `A socket without packets, packets without a socket`() {
        #expect(Disagreement(wire: nil, kernel: .established) == .unseen)
        #expect(Disagreement(wire: .established, kernel: nil) == .elsewhere)
        #expect(Disagreement(wire: .timeWait, kernel: nil) == .timeWaitCutShort)
        #expect(Disagreement(wire: .closed, kernel: nil) == nil)
        // A TIME_WAIT that the packets have run out is in the kernel for a second more.
        #expect(Disagreement(wire: .closed, kernel: .timeWait) == nil)
    }
}
