internal import Analysis
internal import POSIX
internal import Reports

/// Writes evidence, and names its files on standard error.
func namingFiles(_ write: () throws -> [String]) throws {
    let paths: [String]
    do { paths = try write() } catch let failure as EvidenceFailure {
        throw RunFailure("\(failure.path): \(failure.error.reason)")
    }
    for path in paths { writeToStandardError("\(path.visible)\n") }
}
