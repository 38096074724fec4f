/// A system call's `errno`.
struct SystemError: Error, Hashable {
    /// The value of `errno`.
    let code: CInt
}
