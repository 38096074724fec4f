import Foundation

/// Feeds bytes to a pipe from another thread, in pieces, and gives the path of the other end.
final class Pipe: Sendable {
    let path: String
    private let readEnd: Int32

    init(_ bytes: [UInt8], piece: Int) {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        let writeEnd = ends[1]
        readEnd = ends[0]
        path = "/dev/fd/\(readEnd)"
        Thread.detachNewThread {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.prefix(piece).withUnsafeBytes {
                    write(writeEnd, $0.baseAddress, $0.count)
                }
                if count < 0 { break }
                rest = rest.dropFirst(count)
            }
            close(writeEnd)
        }
    }

    deinit { close(readEnd) }
}
