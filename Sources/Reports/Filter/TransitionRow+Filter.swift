internal import TCPState
public import Wire

extension Sequence<TransitionRow> {
    /// The rows of the connections that a filter shows. Each connection is judged once.
    ///
    /// - Parameter end: when the capture ended.
    public func matching(_ filter: ConnectionFilter, at end: Timestamp) -> some Sequence<
        TransitionRow
    > {
        var verdicts: [UInt32: Bool] = [:]
        return lazy.filter { row in
            if filter.isAll { return true }
            let serial = row.transition.connection
            if let verdict = verdicts[serial] { return verdict }
            let verdict = filter.shows(ExaminedConnection(row.record, at: end))
            verdicts[serial] = verdict
            return verdict
        }
    }
}
