extension String {
    /// Makes a string of a C buffer, up to its first zero.
    init(terminated buffer: [CChar]) {
        self.init(
            decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
