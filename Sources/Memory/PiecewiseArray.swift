/// An array in pieces of equal size: growing moves nothing that is there, so that a long one costs half the memory traffic
/// and page faults of one that doubles.
public struct PiecewiseArray<Element> {
    @usableFromInline var pieces: [[Element]] = []

    /// Elements of a piece.
    @inlinable static var pieceSize: Int { 1024 }

    /// An empty one.
    public init() {}

    /// How many elements there are.
    @inlinable public var count: Int {
        guard let last = pieces.last else { return 0 }
        return (pieces.count - 1) * Self.pieceSize + last.count
    }

    /// Adds an element. Complexity: O(1).
    @inlinable
    public mutating func append(_ element: Element) {
        if pieces.last.map({ $0.count == Self.pieceSize }) ?? true {
            pieces.append(makePiece())
        }
        pieces[pieces.count - 1].append(element)
    }
}

extension PiecewiseArray {
    /// An empty piece. Its memory is asked for at once where others are there already: that costs less than a fault for
    /// each page.
    @usableFromInline
    func makePiece() -> [Element] {
        unsafe [Element](unsafeUninitializedCapacity: Self.pieceSize) { piece, count in
            if let start = piece.baseAddress, !pieces.isEmpty {
                unsafe populateInside(
                    start, byteCount: Self.pieceSize * MemoryLayout<Element>.stride)
            }
            count = 0
        }
    }

    /// Asks for the first cache lines of some elements, while there is other work to do.
    ///
    /// - Parameter lines: how many, of 64 bytes.
    @inlinable
    public func prefetch(_ places: some Sequence<Int>, lines: Int) {
        let pieces = pieces.span
        for place in places where place < count {
            let piece = pieces[place / Self.pieceSize].span
            unsafe piece.withUnsafeBufferPointer { piece in
                let start = unsafe UnsafeRawPointer(piece.baseAddress! + place % Self.pieceSize)
                for line in 0..<lines { unsafe prefetchSharedLine(start + line * 64) }
            }
        }
    }
}

extension PiecewiseArray: RandomAccessCollection, MutableCollection {
    /// The first element's place.
    @inlinable public var startIndex: Int { 0 }
    /// One beyond the last element's.
    @inlinable public var endIndex: Int { count }

    /// The element at a place. Complexity: O(1).
    @inlinable
    public subscript(place: Int) -> Element {
        _read { yield pieces[place / Self.pieceSize][place % Self.pieceSize] }
        _modify { yield &pieces[place / Self.pieceSize][place % Self.pieceSize] }
    }
}

extension PiecewiseArray: Sendable where Element: Sendable {}
