@_spi(Reflection) import Swift

/// A number, truth value or enumeration that a value consists of, however deep: what it is called, and where it lies.
struct StoredField {
    let name: String
    let offset: Int
    let size: Int

    /// All of a type, as the compiler has laid it out: nobody has to keep a list of them.
    ///
    /// - Parameter skipped: the names of what is not gone into.
    static func all(of type: Any.Type, skipping skipped: Set<String> = []) -> [StoredField] {
        all(of: type, named: "", at: 0, skipped)
    }

    /// The names of a type's own properties.
    static func names(of type: Any.Type) -> [String] {
        var names: [String] = []
        _ = _forEachField(of: type) { name, _, _, _ in
            names.append(String(cString: name))
            return true
        }
        return names
    }

    private static func all(
        of type: Any.Type, named name: String, at offset: Int, _ skipped: Set<String>
    ) -> [StoredField] {
        if skipped.contains(name) { return [] }
        if let row = type as? any Row.Type {
            return (0..<row.number).flatMap {
                all(of: row.element, named: name, at: offset + $0 * row.stride, skipped)
            }
        }
        if let optional = type as? any Wrapper.Type {
            return all(of: optional.wrapped, named: name, at: offset, skipped)
        }
        var fields: [StoredField] = []
        var isWhole = !_isPOD(type) && !name.isEmpty
        _ = _forEachField(of: type) { field, start, inner, _ in
            // A number of the standard library holds one of the compiler.
            if String(cString: field) == "_value" { isWhole = true }
            if isWhole { return false }
            let path = (name.isEmpty ? "" : name + ".") + String(cString: field)
            fields += all(of: inner, named: path, at: offset + start, skipped)
            return true
        }
        return fields.isEmpty
            ? [StoredField(name: name, offset: offset, size: size(of: type))] : fields
    }

    private static func size(of type: Any.Type) -> Int {
        func size<Value>(_: Value.Type) -> Int { MemoryLayout<Value>.size }
        return _openExistential(type, do: size)
    }
}

/// Puts something into every optional of a value.
func filled<Value>(_ value: Value) -> Value {
    var value = value
    withUnsafeMutableBytes(of: &value) { fill(Value.self, $0.baseAddress!) }
    return value
}

private func fill(_ type: Any.Type, _ memory: UnsafeMutableRawPointer) {
    guard _isPOD(type) else { return }
    if let row = type as? any Row.Type {
        for index in 0..<row.number { fill(row.element, memory + index * row.stride) }
    } else if let optional = type as? any Wrapper.Type {
        optional.fill(memory)
        fill(optional.wrapped, memory)
    } else {
        _ = _forEachField(of: type) { name, offset, inner, _ in
            if String(cString: name) == "_value" { return false }
            fill(inner, memory + offset)
            return true
        }
    }
}

/// The fields of a value that are not the same after it went somewhere and came back.
///
/// - Parameters:
///   - value: what each field is changed in, alone.
///   - skipped: the names of fields that are not changed.
///   - comeBack: returns what came back; nil if nothing did.
func fieldsLost<Value>(
    by value: Value, skipping skipped: Set<String> = [], _ comeBack: (Value) -> Value?
) -> Set<String> {
    var lost: Set<String> = []
    for field in StoredField.all(of: Value.self, skipping: skipped) {
        // Not every value of every field is possible.
        let comesBack = [1, 0x40, 2].contains { (mask: UInt8) in
            var changed = value
            withUnsafeMutableBytes(of: &changed) { $0[field.offset] ^= mask }
            guard let back = comeBack(changed) else { return false }
            return bytes(changed, field) == bytes(back, field)
        }
        if !comesBack { lost.insert(field.name) }
    }
    return lost
}

private func bytes<Value>(_ value: Value, _ field: StoredField) -> [UInt8] {
    withUnsafeBytes(of: value) { Array($0[field.offset..<field.offset + field.size]) }
}

private protocol Row {
    static var element: Any.Type { get }
    static var number: Int { get }
    static var stride: Int { get }
}

extension InlineArray: Row where Element: Copyable {
    fileprivate static var element: Any.Type { Element.self }
    fileprivate static var number: Int { count }
    fileprivate static var stride: Int { MemoryLayout<Element>.stride }
}

private protocol Wrapper {
    static var wrapped: Any.Type { get }
    static func fill(_ memory: UnsafeMutableRawPointer)
}

extension Optional: Wrapper where Wrapped: Copyable {
    fileprivate static var wrapped: Any.Type { Wrapped.self }

    /// Something that consists of zeros, which everything here may.
    fileprivate static func fill(_ memory: UnsafeMutableRawPointer) {
        let zeros = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, MemoryLayout<Wrapped>.size),
            alignment: MemoryLayout<Wrapped>.alignment)
        defer { zeros.deallocate() }
        zeros.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Wrapped>.size)
        let some: Self = .some(zeros.load(as: Wrapped.self))
        memory.initializeMemory(as: Self.self, repeating: some, count: 1)
    }
}
