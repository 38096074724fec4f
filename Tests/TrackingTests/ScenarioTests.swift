import TCPState
import TestKit
import Testing
import Wire

/// Whole conversations of two small kernels, seen from three places, undisturbed and disturbed.
@Suite struct ScenarioTests {
    @Test(arguments: Scenario.all)
    func `the small kernels do what RFC 9293 says`(scenario: Scenario) {
        for vantage in Vantage.all {
            let network = scenario.run(vantage)
            #expect(network.paths(0) == scenario.expected[0], "\(network.transcript)")
            #expect(network.paths(1) == scenario.expected[1], "\(network.transcript)")
        }
    }

    @Test(arguments: Scenario.all, Vantage.all)
    func `undisturbed`(scenario: Scenario, vantage: Vantage) {
        for timestamps in [true, false] {
            let network = scenario.run(vantage, timestamps: timestamps)
            expect(Observed(network.frames()), is: scenario, network)
        }
    }

    @Test(arguments: Scenario.all, Vantage.all)
    func `where sequence numbers wrap`(scenario: Scenario, vantage: Vantage) {
        for timestamps in [true, false] {
            let network = scenario.run(vantage, wraps: true, timestamps: timestamps)
            expect(Observed(network.frames()), is: scenario, network)
        }
    }

    @Test(arguments: Scenario.all, Vantage.all)
    func `every packet seen twice`(scenario: Scenario, vantage: Vantage) {
        for timestamps in [true, false] {
            let network = scenario.run(vantage, timestamps: timestamps)
            expect(Observed(network.frames(copies: 2)), is: scenario, network)
        }
    }

    func expect(_ observed: Observed, is scenario: Scenario, _ network: TinyNetwork) {
        #expect(observed.paths(.low) == scenario.expected[0], "\(network.transcript)")
        #expect(observed.paths(.high) == scenario.expected[1], "\(network.transcript)")
        #expect(observed.isContinuous)
    }
}
