/// The fields of an object with a fixed set of names; unknown ones are ignored, repeated ones refused when they are asked for.
struct JSONFields {
    let place: JSONPlace
    let dialect: Dialect
    private let members: [(name: String, value: JSONValue)]

    init(_ value: JSONValue, at place: JSONPlace, expected: String, _ dialect: Dialect) throws(WireError) {
        guard value.kind == .object else { throw .type(place, "invalid type: \(value.summary), expected \(expected)", dialect) }
        var members: [(name: String, value: JSONValue)] = []
        members.reserveCapacity(value.count)
        value.forEachMember { (name: String, member: JSONValue) throws(Never) in members.append((name, member)) }
        self.members = members
        self.place = place
        self.dialect = dialect
    }

    var names: [String] { members.map(\.name) }

    /// The value of `name`; `nil` when the field is absent. A null is a value.
    func present(_ name: String) throws(WireError) -> JSONValue? {
        var found: JSONValue?
        for member in members where member.name == name {
            guard found == nil else { throw .type(.root, "duplicate field `\(name)`", dialect) }
            found = member.value
        }
        return found
    }

    /// The value of `name`; `nil` when the field is absent or null.
    func optional(_ name: String) throws(WireError) -> JSONValue? {
        guard let value = try present(name), !value.isNull else { return nil }
        return value
    }

    func required(_ name: String) throws(WireError) -> JSONValue {
        guard let value = try present(name) else {
            throw dialect.version == .v1
                ? .type(place.field(name), "Field required", dialect)
                : .type(place, "missing field `\(name)`", dialect)
        }
        return value
    }

    func requiredString(_ name: String) throws(WireError) -> String {
        try string(try required(name), name)
    }

    func optionalString(_ name: String) throws(WireError) -> String? {
        guard let value = try optional(name) else { return nil }
        return try string(value, name)
    }

    func boolean(_ name: String, default fallback: Bool) throws(WireError) -> Bool {
        guard let value = try present(name), !(value.isNull && dialect.version == .v1) else { return fallback }
        guard let boolean = value.boolean else {
            throw .type(place.field(name), "invalid type: \(value.summary), expected a boolean", dialect)
        }
        return boolean
    }

    /// A number of things: from 0 to 2³²−1.
    func count(_ name: String) throws(WireError) -> Int? {
        guard let value = try optional(name) else { return nil }
        return try whole(value, name, expected: "u32", most: Int64(UInt32.max))
    }

    /// A whole number from 0 on.
    func size(_ name: String) throws(WireError) -> Int? {
        guard let value = try optional(name) else { return nil }
        return try whole(value, name, expected: "usize", most: Int64.max)
    }

    func double(_ name: String) throws(WireError) -> Double? {
        guard let value = try optional(name) else { return nil }
        guard let number = value.number else { throw .type(place.field(name), "invalid type: \(value.summary), expected f64", dialect) }
        return number
    }

    /// The fields of an object under `name`; `nil` when it is absent or null.
    func object(_ name: String) throws(WireError) -> JSONFields? {
        guard let value = try optional(name) else { return nil }
        return try JSONFields(value, at: place.field(name), expected: "a map", dialect)
    }

    /// A list of strings.
    func strings(_ name: String, _ value: JSONValue) throws(WireError) -> [String] {
        try requireArray(value, name)
        var strings: [String] = []
        strings.reserveCapacity(value.count)
        try value.forEachElement { (index: Int, element: JSONValue) throws(WireError) in
            guard let string = element.string else {
                throw .type(place.field(name).element(index), "invalid type: \(element.summary), expected a string", dialect)
            }
            strings.append(string)
        }
        return strings
    }

    /// A list of strings and nulls; `nil` when the field is absent or null.
    func optionalStrings(_ name: String) throws(WireError) -> [String?]? {
        guard let value = try optional(name) else { return nil }
        try requireArray(value, name)
        var strings: [String?] = []
        strings.reserveCapacity(value.count)
        try value.forEachElement { (index: Int, element: JSONValue) throws(WireError) in
            guard !element.isNull else { return strings.append(nil) }
            guard let string = element.string else {
                throw .type(place.field(name).element(index), "invalid type: \(element.summary), expected a string", dialect)
            }
            strings.append(string)
        }
        return strings
    }

    func requireArray(_ value: JSONValue, _ name: String) throws(WireError) {
        guard value.kind == .array else {
            throw .type(place.field(name), "invalid type: \(value.summary), expected a sequence", dialect)
        }
    }

    private func string(_ value: JSONValue, _ name: String) throws(WireError) -> String {
        guard let string = value.string else {
            throw .type(place.field(name), "invalid type: \(value.summary), expected a string", dialect)
        }
        return string
    }

    private func whole(_ value: JSONValue, _ name: String, expected: String, most: Int64) throws(WireError) -> Int {
        switch value.kind {
        case .integer:
            if let number = value.integer, number >= 0, number <= most { return Int(number) }
            throw .type(place.field(name), "invalid value: \(value.summary), expected \(expected)", dialect)
        case .unsigned:
            throw .type(place.field(name), "invalid value: \(value.summary), expected \(expected)", dialect)
        case .null, .boolean, .double, .string, .array, .object:
            throw .type(place.field(name), "invalid type: \(value.summary), expected \(expected)", dialect)
        }
    }
}
