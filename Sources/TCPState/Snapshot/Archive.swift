internal import Wire

/// A connection's state and counters as a row of whole numbers, to be kept outside of a run and taken up
/// again by a later one. What was only inferred is kept as it stood.
public struct ConnectionArchive: Sendable {
    /// The numbers, in an order that ``version`` names.
    public let numbers: [Int64]

    /// The order of the numbers: to be raised with every change of it.
    public static let version = 3

    /// Wraps numbers that ``numbers`` gave.
    public init(numbers: [Int64]) { self.numbers = numbers }

    /// Takes down a connection.
    public init(_ connection: Connection) {
        var copy = connection
        if copy.anomalies.contains(.selfConnect) { copy.forgetMirror() }
        var transfer = Transfer(reading: nil)
        copy.transfer(&transfer)
        numbers = [connection.firstSeen.nanoseconds] + transfer.numbers
    }

    /// The connection; nil where the numbers are none that a connection can have.
    public func connection(serial: UInt32, stream: UInt32) -> Connection? {
        guard let first = numbers.first else { return nil }
        var connection = Connection(
            serial: serial, stream: stream, first: Segment(), from: .low,
            at: Timestamp(nanoseconds: first), frame: 0)
        var transfer = Transfer(reading: Array(numbers.dropFirst()))
        connection.transfer(&transfer)
        return transfer.isWhole ? connection : nil
    }
}

/// Writes values down one after the other, or reads them in the same order: so that both ways are one.
private struct Transfer {
    private(set) var numbers: [Int64]
    private var index = 0
    private let isReading: Bool
    private var isValid = true

    /// - Parameter numbers: what to read; nil to write.
    init(reading numbers: [Int64]?) {
        self.numbers = numbers ?? []
        isReading = numbers != nil
    }

    /// Whether all that was read was there and could be, and nothing is left.
    var isWhole: Bool { isValid && index == numbers.count }

    mutating func callAsFunction<Value: FixedWidthInteger>(_ value: inout Value) {
        guard isReading else {
            numbers.append(Int64(truncatingIfNeeded: value))
            return
        }
        guard let number = next() else { return }
        let read = Value(truncatingIfNeeded: number)
        guard Int64(truncatingIfNeeded: read) == number else {
            isValid = false
            return
        }
        value = read
    }

    mutating func callAsFunction<Value: RawRepresentable>(_ value: inout Value)
    where Value.RawValue: FixedWidthInteger {
        var raw = value.rawValue
        self(&raw)
        guard let read = Value(rawValue: raw) else {
            isValid = false
            return
        }
        value = read
    }

    mutating func callAsFunction(_ value: inout Timestamp) { self(&value.nanoseconds) }

    mutating func callAsFunction(_ value: inout SequenceNumber) {
        var raw = value.rawValue
        self(&raw)
        value = SequenceNumber(raw)
    }

    mutating func callAsFunction(_ value: inout Bool) {
        var number: UInt8 = value ? 1 : 0
        self(&number)
        if number > 1 { isValid = false }
        value = number == 1
    }

    mutating func callAsFunction(_ value: inout Side?) {
        var number: Int8 = value.map { Int8($0.rawValue) } ?? -1
        self(&number)
        value = Side(rawValue: Int(number))
        if value == nil, number != -1 { isValid = false }
    }

    private mutating func next() -> Int64? {
        guard index < numbers.count else {
            isValid = false
            return nil
        }
        defer { index += 1 }
        return numbers[index]
    }
}

extension Connection {
    fileprivate mutating func transfer(_ transfer: inout Transfer) {
        transfer(&lastSeen)
        transfer(&anomalies)
        transfer(&completeness)
        transfer(&completenessBeforeLast)
        transfer(&opener)
        transfer(&isOpenerKnown)
        transfer(&firstCloser)
        transfer(&resetBy)
        for end in 0...1 { ends[end].transfer(&transfer) }
    }
}

extension Endpoint {
    /// Frames are those of another run: they are left out.
    fileprivate mutating func transfer(_ transfer: inout Transfer) {
        transfer(&state)
        transfer(&grade)
        transfer(&sendNext)
        transfer(&sendUnacknowledged)
        transfer(&receiveNext)
        transfer(&recentTimestamp)
        transfer(&window)
        transfer(&windowScale)
        transfer(&seen)
        transfer(&leastRoundTrip.nanoseconds)
        transfer(&lastSent)
        transfer(&lastNew)
        transfer(&busySince)
        transfer(&unacknowledgedSince)
        transfer(&packets)
        transfer(&bytes)
        transfer(&payload)
        transfer(&retransmissions)
        transfer(&unansweredRetransmissions)
        transfer(&unansweredKeepalives)
        transfer(&timeToLive)
        transfer(&since)
        transfer(&initialSendSequence)
        transfer(&finEnd)
        transfer(&zeroWindowSince)
        transfer(&synCount)
        transfer(&synCopies)
        transfer(&finCount)
        transfer(&rstCount)
        transfer(&keepalives)
        transfer(&controlSeen)
        transfer(&controlTimestamp)
        transfer(&repetitionGap)
        // The name of an assumption that no observer knows any more.
        seen.remove(.presumed)
    }
}
