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
            pieces.append([])
            pieces[pieces.count - 1].reserveCapacity(Self.pieceSize)
        }
        pieces[pieces.count - 1].append(element)
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
        get { pieces[place / Self.pieceSize][place % Self.pieceSize] }
        _modify { yield &pieces[place / Self.pieceSize][place % Self.pieceSize] }
    }
}

extension PiecewiseArray: Sendable where Element: Sendable {}
