/// What is wrong with the value of an option, in words for the one who wrote it.
public struct ArgumentFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is valid.
    public let description: String

    /// - Parameter description: what is wrong.
    public init(_ description: String) { self.description = description }
}
