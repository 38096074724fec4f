import TCPState
import TestKit
import Testing
import Wire

/// Every scenario with every single packet lost on either side of the tap, or late.
///
/// What the packets can show must be the truth, at both ends. What they cannot show is exactly this: whether
/// a segment arrived whose receiver was not seen to send anything afterwards, and what an end
/// did that sent nothing afterwards which passed the tap.
@Suite struct LossTests {
    @Test(arguments: Scenario.all, Vantage.all)
    func `one packet lost after the tap`(scenario: Scenario, vantage: Vantage) {
        disturb(
            scenario, vantage, by: .lostAfter,
            except: [
                // Without timestamps the second FIN looks the same whether it is the first one, or
                // its acknowledgment, that was lost.
                "simultaneous close": "whether the first FIN arrived does not show",
                // An end that did not get the SYN sends no SYN,ACK.
                "simultaneous open": "SYN-RECEIVED should wait for the SYN,ACK that proves it",
            ])
    }

    @Test(arguments: Scenario.all, Vantage.all)
    func `one packet lost before the tap`(scenario: Scenario, vantage: Vantage) {
        disturb(
            scenario, vantage, by: .lostBefore,
            except: [
                // The FIN's retransmission has a number before that of an earlier acknowledgment.
                "simultaneous close": "that the FIN was there before shows only afterwards",
                // SYN, SYN,ACK: as if the second one had listened.
                "simultaneous open": "without the second SYN it is an ordinary open",
            ])
    }

    @Test(arguments: Scenario.all, Vantage.all)
    func `one packet overtaken by the next ones`(scenario: Scenario, vantage: Vantage) {
        disturb(
            scenario, vantage, by: .late(7_000_000),
            except: [
                "simultaneous close": "that the FIN was there before shows only afterwards",
                "simultaneous open": "that the SYN was there before shows only afterwards",
            ])
    }

    /// Disturbs every single packet of a scenario, with and without timestamps.
    func disturb(
        _ scenario: Scenario, _ vantage: Vantage, by disturbance: Disturbance,
        except: [String: String]
    ) {
        let differences = (0..<scenario.run(vantage).sent).flatMap { index in
            [true, false].flatMap { timestamps in
                let network = scenario.run(
                    vantage, wraps: index % 2 == 1, timestamps: timestamps,
                    disturbances: [index: disturbance])
                let observed = Observed(network.frames())
                return (0...1).compactMap { end in
                    Self.difference(observed, network, end).map {
                        "packet \(index + 1), \(end == 0 ? "client" : "server"): \($0)"
                    }
                }
            }
        }
        if let reason = except[scenario.name] {
            withKnownIssue("\(reason)", isIntermittent: true) {
                #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            }
        } else {
            for difference in differences { Issue.record("\(difference)") }
        }
    }

    /// What is said of an end and not true, or true and not said though packets show it; nil if nothing.
    static func difference(_ observed: Observed, _ network: TinyNetwork, _ end: Int) -> String? {
        let said = observed.lives(end == 0 ? .low : .high)
        let truth = network.hosts[end].lives.filter { !$0.isEmpty }
        // When it sent the last segment that passed the tap.
        let delay = network.vantage.delays[end]
        let last = (network.seen.last { $0.from == end }?.time ?? .min / 2) - delay
        func complain(_ what: String) -> String {
            "\(what)\nsaid \(observed.paths(end == 0 ? .low : .high))\n"
                + "true \(network.paths(end))\n\(network.transcript)"
        }
        for index in 0..<max(said.count, truth.count) {
            let claims = index < said.count ? said[index] : []
            let facts = index < truth.count ? truth[index] : []
            let common = zip(claims, facts).prefix { $0.from == $1.from && $0.to == $1.to }.count
            if let claim = claims.dropFirst(common).first {
                // An inference stays open only where the end sent nothing that could refute it.
                let seen = claim.seen - TinyNetwork.start
                if claim.grade != .inferred || last > seen.nanoseconds + delay {
                    return complain("\(claim.from) → \(claim.to) is not true")
                }
            }
            if let fact = facts.dropFirst(common).first, last > fact.time {
                return complain("\(fact.from) → \(fact.to) is missing")
            }
        }
        return nil
    }
}
