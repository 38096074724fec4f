public import Reports
public import TCPState
public import Tracking

extension TransitionHistory {
    /// The final history in order of time, each change with its connection as it was at the end.
    ///
    /// - Parameter isNear: as in ``TransitionHistory/timeline(isNear:)``.
    public func rows(
        isNear: (ConnectionRecord, Side) -> Bool
    ) -> some Sequence<TransitionRow> {
        timeline(isNear: isNear).lazy.compactMap(row)
    }

    private func row(_ entry: Entry) -> TransitionRow? {
        record(of: entry).map { record in
            TransitionRow(
                transition: entry.transition, time: entry.time, timeInState: entry.timeInState,
                record: record)
        }
    }
}
