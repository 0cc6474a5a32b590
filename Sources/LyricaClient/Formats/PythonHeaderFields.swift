/// Reads the dictionary literal of a `.npy` header: strings, `True`/`False` and tuples of integers, with the three known keys in any order.
struct PythonHeaderFields: Equatable {
    var descriptor: String
    var isFortranOrder: Bool
    var shape: [Int]

    /// `nil` for anything but `{'descr': '<string>', 'fortran_order': <bool>, 'shape': (<ints>)}` with each key once.
    static func parse(_ bytes: [UInt8]) -> PythonHeaderFields? {
        var scanner = Scanner(bytes: bytes)
        var descriptor: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        guard scanner.take("{") else { return nil }
        while !scanner.take("}") {
            guard let key = scanner.quoted(), scanner.take(":") else { return nil }
            switch key {
            case "descr" where descriptor == nil: descriptor = scanner.quoted()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = scanner.boolean()
            case "shape" where shape == nil: shape = scanner.tuple()
            default: return nil
            }
            guard scanner.take(",") || scanner.peek("}") else { return nil }
        }
        guard scanner.isAtEnd, let descriptor, let isFortranOrder, let shape else { return nil }
        return PythonHeaderFields(descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        private mutating func skipSpace() {
            while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x0A { position += 1 }
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return position == bytes.count
            }
        }

        mutating func peek(_ text: String) -> Bool {
            skipSpace()
            return bytes[position...].starts(with: text.utf8)
        }

        mutating func take(_ text: String) -> Bool {
            guard peek(text) else { return false }
            position += text.utf8.count
            return true
        }

        mutating func quoted() -> String? {
            let quote = "'"
            guard take(quote), let end = bytes[position...].firstIndex(of: UInt8(ascii: "'")) else { return nil }
            defer { position = end + 1 }
            return String(validating: bytes[position..<end], as: UTF8.self)
        }

        mutating func boolean() -> Bool? {
            if take("True") { return true }
            return take("False") ? false : nil
        }

        mutating func tuple() -> [Int]? {
            guard take("(") else { return nil }
            var numbers: [Int] = []
            while !take(")") {
                guard numbers.count < 8, let number = integer() else { return nil }
                numbers.append(number)
                guard take(",") || peek(")") else { return nil }
            }
            return numbers
        }

        private mutating func integer() -> Int? {
            skipSpace()
            let digits = bytes[position...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            position += digits.count
            return Int(String(decoding: digits, as: UTF8.self))
        }
    }
}
