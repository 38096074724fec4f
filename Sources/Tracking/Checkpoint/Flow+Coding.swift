internal import Coding
internal import TCPState
internal import Wire

extension Flow {
    /// What reading begins with.
    static var blank: Flow {
        Flow(key: .blank, connection: .blank)
    }

    /// All but whether it is in use, its hash and its place in the timer wheel.
    mutating func code<Observer: TransitionObserver>(
        _ coder: inout BinaryCoder, _ context: inout MachineContext<Observer>
    ) {
        if coder.isReading {
            var read = Flow(key: FlowKey(from: &coder), connection: .blank)
            (read.timerSlot, read.timerPlace) = (timerSlot, timerPlace)
            self = read
        } else {
            key.encode(to: &coder)
        }
        context.code(&connection, &coder)
        coder(&isCurrent)
        coder(&isShared)
        for side in 0...1 {
            coder(&isSteady[side])
            coder(&scopes[side])
        }
        coder(&deadline)
        var previous = previousIndex?.rawValue
        coder(&previous)
        coder(&previousSerial)
        if coder.isReading { previousIndex = previous.map { FlowIndex(rawValue: $0) } }
    }
}

extension FlowKey {
    static var blank: FlowKey {
        let address = Address(high: 0, low: 0)
        return FlowKey(address, 0, address, 0)
    }
}

extension Connection {
    static var blank: Connection {
        Connection(
            serial: 0, stream: 0, first: Segment(), from: .low, at: Timestamp(nanoseconds: 0),
            frame: 0)
    }
}

extension SYNCacheEntry {
    /// Writes an entry; reads one where it is nil. Nil where none can be read.
    static func coded(_ entry: SYNCacheEntry?, _ coder: inout BinaryCoder) -> SYNCacheEntry? {
        let key: FlowKey
        if let entry {
            key = entry.key
            key.encode(to: &coder)
        } else {
            key = FlowKey(from: &coder)
        }
        var segment = entry?.segment ?? Segment()
        var (scope, serial, stream) = (entry?.scope ?? 0, entry?.serial ?? 0, entry?.stream ?? 0)
        var (sender, isShared) = (entry?.sender ?? .low, entry?.isShared ?? false)
        var (time, frame) = (entry?.time ?? Timestamp(nanoseconds: 0), entry?.frame ?? 0)
        coder(&sender)
        coder(&isShared)
        coder(&scope)
        coder(&serial)
        coder(&stream)
        coder(&time)
        coder.frame(&frame)
        segment.codeSYN(&coder)
        guard coder.isReading else { return entry }
        segment.source = key.address(sender)
        segment.destination = key.address(sender.peer)
        segment.sourcePort = key.port(sender)
        segment.destinationPort = key.port(sender.peer)
        var read = SYNCacheEntry(
            segment, key: key, sender: sender, scope: scope, serial: serial, stream: stream,
            at: time, frame: frame)
        read?.isShared = isShared
        return read
    }
}

extension Segment {
    /// What a ``SYNCacheEntry`` keeps of a SYN, but for its addresses and ports.
    fileprivate mutating func codeSYN(_ coder: inout BinaryCoder) {
        coder(&sequenceNumber)
        coder(&flags)
        coder(&window)
        coder(&packetLength)
        coder(&identification)
        coder(&timeToLive)
        coder(&hardwareSource)
        coder(&options.present)
        coder(&options.windowScale)
        coder(&options.maximumSegmentSize)
        coder(&options.timestampValue)
    }
}
