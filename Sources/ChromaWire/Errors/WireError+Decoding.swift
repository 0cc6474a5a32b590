/// The errors of reading a request, before the engine sees it.
extension WireError {
    /// The body is not JSON.
    static func syntax(_ failure: JSONFailure, _ dialect: Dialect) -> WireError {
        switch dialect.version {
        case .v1:
            WireError(
                status: 422, name: "json_invalid", message: "JSON decode error: \(failure.description)", style: dialect.errorStyle,
                form: .validation(place: []))
        case .v2:
            WireError(
                status: 400, name: "InvalidArgumentError", message: "Failed to parse the request body as JSON: \(failure.description)", dialect: dialect)
        }
    }

    /// The value at `place` (field names and indices, outermost first) has the wrong type or form.
    static func type(_ place: JSONPlace, _ problem: String, _ dialect: Dialect) -> WireError {
        switch dialect.version {
        case .v1:
            WireError(status: 422, name: "value_error", message: problem, style: dialect.errorStyle, form: .validation(place: place.steps))
        case .v2:
            WireError(
                status: 422, name: "ChromaError",
                message: "Failed to deserialize the JSON body into the target type: \(place.steps.isEmpty ? "" : place.description + ": ")\(problem)",
                dialect: dialect)
        }
    }

    /// Refuses a value that cannot name one of several choices. To Chroma this is a fault of syntax, and a wrong name one of type.
    static func requirePossibleName(_ value: JSONValue, at place: JSONPlace, _ dialect: Dialect) throws(WireError) {
        guard dialect.version == .v2, value.kind != .string, value.kind != .object || value.count == 0 else { return }
        throw WireError(
            status: 400, name: "InvalidArgumentError",
            message: "Failed to parse the request body as JSON: \(place): expected a name, found \(value.summary)", dialect: dialect)
    }

    /// The body is well formed and breaks a rule.
    /// - Parameters:
    ///   - text: what version 2 says.
    ///   - version1: what version 1 says, where it differs.
    static func rule(_ text: String, version1: String? = nil, _ dialect: Dialect) -> WireError {
        switch dialect.errorStyle {
        case .v2: WireError(status: 400, name: "InvalidArgumentError", message: text, dialect: dialect)
        case .v1Named: WireError(status: 400, name: "InvalidArgumentError", message: version1 ?? text, dialect: dialect)
        case .v1Repr: WireError(status: 500, name: "ValueError", message: version1 ?? text, style: .v1Repr, form: .representation)
        }
    }
}

/// The first rule that a body breaks, kept until the rest of the body is read: a wrong type anywhere is reported before it, as Chroma does.
struct BrokenRule {
    private let dialect: Dialect
    private var first: WireError?

    init(_ dialect: Dialect) {
        self.dialect = dialect
    }

    /// Runs `read`. In version 2 a broken rule is kept instead of thrown; what `read` changed before stays.
    mutating func unlessRule(_ read: () throws(WireError) -> Void) throws(WireError) {
        do throws(WireError) {
            try read()
        } catch {
            guard dialect.version == .v2, error.status == 400, error.isRule else { throw error }
            first = first ?? error
        }
    }

    func report() throws(WireError) {
        if let first { throw first }
    }
}

extension WireError {
    /// Whether a value of the right type breaks a rule; the text of the body itself is in order.
    fileprivate var isRule: Bool { !message.hasPrefix(Self.syntaxText) }

    private static let syntaxText = "Failed to parse the request body as JSON: "
}

/// Where in a body something stands.
struct JSONPlace: CustomStringConvertible {
    var steps: [String] = []

    static let root = JSONPlace()

    init(_ steps: String...) {
        self.steps = steps
    }

    func field(_ name: String) -> JSONPlace {
        var place = self
        place.steps.append(name)
        return place
    }

    func element(_ index: Int) -> JSONPlace {
        var place = self
        place.steps.append("[\(index)]")
        return place
    }

    /// As in `metadatas[0].a`.
    var description: String {
        var text = ""
        for step in steps {
            if !text.isEmpty, !step.hasPrefix("[") { text += "." }
            text += step
        }
        return text
    }
}
