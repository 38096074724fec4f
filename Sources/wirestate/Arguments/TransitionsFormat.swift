import ArgumentParser
public import Documents

extension TransitionsFormat: OutputFormat {}

/// In which order changes of state are printed.
enum TransitionsOrder: String, CaseIterable, ExpressibleByArgument {
    case time, connection
}
