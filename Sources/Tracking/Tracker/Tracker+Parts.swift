public import Wire

// A run of which this tracker gets the frames of some connections only, with the time of all of them.
extension Tracker {
    /// Says when the run began; to be called before its first frame.
    public mutating func begin(at time: Timestamp) { advanceTimers(to: time) }
}
