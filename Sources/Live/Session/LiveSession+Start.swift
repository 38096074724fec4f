import Analysis
import Diagnosis
import Host
import Reports
import TCPState
import Tracking
import Wire

extension LiveSession {
    /// Takes out what a killed run left of its last line.
    func closeLastLine() {
        let rest = output?.takeUnfinishedObject() ?? ""
        if rest.isEmpty { return }
        publisher.notice(
            "\(options.output ?? ""): removed an unfinished line of the last run: \(rest)",
            host.now)
    }

    /// Takes up connections of an earlier run and of the kernel.
    func adoptConnections() throws(RunFailure) {
        let now = host.now
        var priming: Priming?
        if options.primes, let locals {
            locals.refresh(now)
            // What is told at once has a name, too, if the answer does not take long.
            if host.wait(on: [locals.descriptor], milliseconds: 300) { locals.takeAnswer() }
            priming = Priming(locals, options.profile, addresses: hostAddresses, at: now)
        }
        if let stateFile {
            let contents = try stateFile.read(
                into: &tracker, at: now, isGone: { priming?.refutes($0, $1) ?? false },
                isStopped: { [self] in
                    handleSignals(now)
                    return stopped != nil
                })
            if contents.taken > 0 || contents.gone > 0 || contents.damaged > 0 {
                publisher.notice(contents.text(stateFile.path), now)
            }
        }
        if let priming {
            let count = priming.adopt(into: &tracker)
            publisher.notice("\(Count(count).of("connection")) loaded from the kernel", now)
        }
    }
}
