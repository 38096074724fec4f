public import ArgumentParser
public import Arguments

// How the parser reads the values of options: by their own initialisers.

extension AnonymizationKey: ExpressibleByArgument {
    /// Reads the value of an option, the name of a file.
    public init?(argument: String) { self.init(file: argument) }
}

extension ByteSize: ExpressibleByArgument {
    /// Reads the value of an option.
    public init?(argument: String) { self.init(argument) }

    /// The value as help shows it.
    public var defaultValueDescription: String { description }
}

extension FrameArgument: ExpressibleByArgument {
    /// Reads the value of an option.
    public init?(argument: String) { self.init(argument) }
}

extension MergeFlags.Printed: ExpressibleByArgument {}

extension TimeArgument: ExpressibleByArgument {
    /// Reads the value of an option.
    public init?(argument: String) { self.init(argument) }
}

extension TimerOverride: ExpressibleByArgument {
    /// Reads the value of an option.
    public init?(argument: String) { self.init(argument) }
}

/// Runs a check of arguments, and turns its failure into one of the command line.
func validating<Result>(_ check: () throws(ArgumentFailure) -> Result) throws -> Result {
    do { return try check() } catch { throw ValidationError(error.description) }
}
