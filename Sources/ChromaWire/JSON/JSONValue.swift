import CJSON

/// A value of a JSON text that is being read.
///
/// Borrows from the parser: never kept beyond the closure of `JSONDocument.read`.
struct JSONValue {
    enum Kind {
        case null
        case boolean
        case integer
        /// Above `Int64.max`.
        case unsigned
        case double
        case string
        case array
        case object
    }

    // SAFETY: points into the parser, which outlives the closure that alone sees this value.
    private let element: CJSONElement

    init(_ element: CJSONElement) {
        self.element = element
    }

    var kind: Kind {
        switch cjson_kind(element) {
        case CJSON_BOOLEAN: .boolean
        case CJSON_INTEGER: .integer
        case CJSON_UNSIGNED: .unsigned
        case CJSON_DOUBLE: .double
        case CJSON_STRING: .string
        case CJSON_ARRAY: .array
        case CJSON_OBJECT: .object
        default: .null
        }
    }

    var isNull: Bool { kind == .null }

    var boolean: Bool? { kind == .boolean ? cjson_boolean(element) : nil }
    var integer: Int64? { kind == .integer ? cjson_integer(element) : nil }
    var string: String? { withStringBytes { bytes in bytes.map { String(decoding: $0, as: UTF8.self) } } }

    /// Any number, as a double.
    var number: Double? {
        switch kind {
        case .integer, .unsigned, .double: cjson_double(element)
        case .null, .boolean, .string, .array, .object: nil
        }
    }

    /// The string's UTF-8, or `nil` when it is none.
    func withStringBytes<R>(_ body: (UnsafeRawBufferPointer?) -> R) -> R {
        guard kind == .string else { return body(nil) }
        var length = 0
        let start = cjson_string(element, &length)
        return body(UnsafeRawBufferPointer(start: start, count: length))
    }

    /// Elements or members, counted up to 16,777,215. For anything else 0.
    var count: Int {
        switch kind {
        case .array, .object: cjson_count(element)
        case .null, .boolean, .integer, .unsigned, .double, .string: 0
        }
    }

    /// - Precondition: an array.
    func forEachElement<E: Error>(_ body: (Int, JSONValue) throws(E) -> Void) throws(E) {
        var cursor = cjson_begin(element)
        var next = CJSONElement()
        var index = 0
        while cjson_next_element(&cursor, &next) {
            try body(index, JSONValue(next))
            index += 1
        }
    }

    /// - Precondition: an object.
    func forEachMember<E: Error>(_ body: (String, JSONValue) throws(E) -> Void) throws(E) {
        var cursor = cjson_begin(element)
        var next = CJSONElement()
        var key: UnsafePointer<CChar>?
        var length = 0
        while cjson_next_member(&cursor, &key, &length, &next) {
            try body(String(decoding: UnsafeRawBufferPointer(start: key, count: length), as: UTF8.self), JSONValue(next))
        }
    }

    /// The member of this name, the last if there are several; `nil` for what is no object.
    func member(_ name: String) -> JSONValue? {
        guard kind == .object else { return nil }
        var found: JSONValue?
        forEachMember { (key: String, value: JSONValue) throws(Never) in if key == name { found = value } }
        return found
    }

    /// Appends an array's numbers; returns the index of the first element that is none, or `nil`.
    /// - Precondition: an array of `count` elements.
    func appendFloats(to floats: inout [Float], count: Int) -> Int? {
        let bad = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = cjson_floats(element, buffer.baseAddress, count)
        }
        floats.append(contentsOf: bad)
        return bad.count == count ? nil : bad.count
    }

    /// How a message names what stands here, without quoting long texts.
    var summary: String {
        switch kind {
        case .null: "null"
        case .boolean: "boolean `\(boolean ?? false)`"
        case .integer: "integer `\(integer ?? 0)`"
        case .unsigned: "integer `\(cjson_unsigned(element))`"
        case .double: "floating point `\(number ?? 0)`"
        case .string: string.map { $0.utf8.count <= 64 ? "string \"\($0)\"" : "string" } ?? "string"
        case .array: "sequence"
        case .object: "map"
        }
    }
}
