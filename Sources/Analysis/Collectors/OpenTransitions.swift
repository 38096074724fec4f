import Coding
internal import Memory
public import TCPState
public import Wire

/// Transitions that may still be confirmed, withdrawn or amended, by the names that an observer gave them.
public struct OpenTransitions {
    private struct Entry {
        var transition: Transition
        /// Its name with another observer.
        let alias: UInt32
        /// The name of the connection's open transition before it; 0 if there was none.
        var previous: UInt32
    }

    private var open = SerialTable<Entry>()
    /// The last name of each connection.
    private var latest = SerialTable<UInt32>()
    private var last: UInt32 = 0

    /// No transitions.
    public init() {}

    /// Names a transition, and keeps it if it may be withdrawn.
    ///
    /// - Parameter alias: its name with another observer; see ``alias(of:)``.
    /// - Returns: its name; 0 of one that is certain.
    public mutating func name(_ transition: Transition, alias: UInt32 = 0) -> UInt32 {
        guard transition.mayBeWithdrawn else { return 0 }
        last = last == .max ? 1 : last + 1
        open[last] = Entry(
            transition: transition, alias: alias, previous: latest[transition.connection] ?? 0)
        latest[transition.connection] = last
        return last
    }

    /// The name that another observer has for a transition; 0 if it is not open.
    public func alias(of token: UInt32) -> UInt32 { open[token]?.alias ?? 0 }

    /// The transition, proved now; nil if it is not open.
    public mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) -> Transition? {
        let confirmed = open.change(token) { entry in
            entry.transition.confirm(seen: seen, notBefore: notBefore, notAfter: notAfter)
            return entry.transition
        }
        guard let confirmed else { return nil }
        settle(confirmed)
        if !confirmed.mayBeWithdrawn { remove(token) }
        return confirmed
    }

    /// The transition, which did not happen; nil if it is not open.
    public mutating func withdraw(_ token: UInt32) -> Transition? { remove(token) }

    /// The transition, which led to another state; nil if it is not open.
    public mutating func amend(_ token: UInt32, to state: State) -> Transition? {
        open.change(token) { entry in
            entry.transition.to = state
            return entry.transition
        }
    }

    /// Forgets those of a connection.
    public mutating func forget(_ serial: UInt32) {
        var token = latest.remove(serial) ?? 0
        while token != 0 { token = open.remove(token)?.previous ?? 0 }
    }

    /// An end's SYN,ACK is certain once what came after it is: no entry of a connection stays for that alone.
    private mutating func settle(_ confirmed: Transition) {
        var token = latest[confirmed.connection] ?? 0
        while token != 0, let entry = open[token] {
            let isSYNACK = entry.transition.event == .sentSYNACK
            if isSYNACK, entry.transition.side == confirmed.side { remove(token) }
            token = entry.previous
        }
    }

    /// Takes a transition out of those of its connection, which are few: each comes from another state.
    @discardableResult
    private mutating func remove(_ token: UInt32) -> Transition? {
        guard let entry = open.remove(token) else { return nil }
        let serial = entry.transition.connection
        guard var later = latest[serial], later != token else {
            latest[serial] = entry.previous == 0 ? nil : entry.previous
            return entry.transition
        }
        while let previous = open[later]?.previous, previous != token, previous != 0 {
            later = previous
        }
        open.change(later) { $0.previous = entry.previous }
        return entry.transition
    }
}

extension OpenTransitions {
    /// Writes them, or reads them in the place of none.
    mutating func code(_ records: inout some RecordCoder) {
        let names = open.serials
        var count = names.count
        records.record { coder in
            coder(&last)
            coder(&count)
        }
        var index = 0
        while index < count, records.isValid {
            records.record { coder in
                var name = coder.isReading ? 0 : names[index]
                var alias = open[name]?.alias ?? 0
                coder(&name)
                coder(&alias)
                guard coder.isReading else {
                    open[name]?.transition.encode(to: &coder)
                    return
                }
                let transition = Transition(from: &coder)
                open[name] = Entry(
                    transition: transition, alias: alias,
                    previous: latest[transition.connection] ?? 0)
                latest[transition.connection] = name
            }
            index += 1
        }
    }
}
