import VectorModel

/// A metadata value, or that there is none, as a key for counting and grouping: what filters take for equal is one.
///
/// A float that is an integer is that integer. Strings are their UTF-8, unlike Swift's, which are equal when they look so.
struct ValueIdentity: Hashable {
    let value: MetadataValue?

    init(_ value: MetadataValue?) {
        if case .float(let float)? = value, let integer = Int64(exactly: float) {
            self.value = .integer(integer)
        } else {
            self.value = value
        }
    }

    static func == (left: ValueIdentity, right: ValueIdentity) -> Bool {
        switch (left.value, right.value) {
        case (.string(let left)?, .string(let right)?): left.utf8.elementsEqual(right.utf8)
        case (.strings(let left)?, .strings(let right)?): left.elementsEqual(right) { $0.utf8.elementsEqual($1.utf8) }
        // A value that is not a number is one too.
        case (.float(let left)?, .float(let right)?): left.bitPattern == right.bitPattern
        default: left.value == right.value
        }
    }

    func hash(into hasher: inout Hasher) {
        switch value {
        case .string(var string)?:
            string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .strings(let strings)?:
            hasher.combine(1)
            hasher.combine(strings.count)
        case .float(let float)?:
            hasher.combine(2)
            hasher.combine(float.bitPattern)
        case .integer, .boolean, .integers, .floats, .booleans, .sparse, nil:
            hasher.combine(3)
            hasher.combine(value)
        }
    }
}
