internal import Glibc

/// Makes sure that the descriptors 0 to 2 are open, on the null device where nobody gave any: else the next file
/// that is opened takes the place of standard output, and lines go into it.
public func openStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
        // The lowest that is free is taken: this one.
        _ = unsafe open("/dev/null", O_RDWR)
    }
}
