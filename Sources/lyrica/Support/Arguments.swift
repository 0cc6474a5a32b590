public import ArgumentParser
public import LyricaClient

extension DistanceMetric: ExpressibleByArgument {}
extension WriteMode: ExpressibleByArgument {}

/// A condition in the protocol's language: a JSON object, passed on as it is.
struct ConditionArgument: ExpressibleByArgument {
    let object: JSONObject

    init?(argument: String) {
        guard let value = try? JSONParser.parse(argument), let object = value.object else { return nil }
        self.object = object
    }
}

/// A vector as a JSON array of numbers.
struct VectorArgument: ExpressibleByArgument {
    let vector: [Float]

    init?(argument: String) {
        guard let components = (try? JSONParser.parse(argument))?.array, !components.isEmpty else { return nil }
        vector = components.compactMap { $0.number.map { Float($0) } }
        guard vector.count == components.count, vector.allSatisfy(\.isFinite) else { return nil }
    }
}

/// Parts of a record, separated by commas.
struct IncludeArgument: ExpressibleByArgument {
    let fields: [IncludedField]

    init?(argument: String) {
        let names = argument.split(separator: ",").map { $0.trimmed }
        fields = names.compactMap { IncludedField(rawValue: $0) }
        guard fields.count == names.count, !fields.isEmpty else { return nil }
    }

    init(_ fields: [IncludedField]) {
        self.fields = fields
    }

    var defaultValueDescription: String { fields.map(\.rawValue).joined(separator: ",") }
}

/// One metadata member as `key=value`. `true`, `false` and numbers are what they look like; a value in double quotes is a string; so is all else.
struct MetadataArgument: ExpressibleByArgument {
    let member: JSONObject.Member

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        let text = String(argument[argument.index(after: equals)...])
        member = JSONObject.Member(String(argument[..<equals]), Self.value(text))
    }

    private static func value(_ text: String) -> JSONValue {
        guard let value = try? JSONParser.parse(text) else { return .string(text) }
        switch value {
        case .bool, .integer, .string: return value
        case .number(let number): return number.isFinite ? value : .string(text)
        case .null, .array, .object: return .string(text)
        }
    }
}

extension Substring {
    /// Without spaces at both ends.
    var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
