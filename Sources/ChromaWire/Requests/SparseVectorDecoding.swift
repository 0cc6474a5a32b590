import VectorModel

/// Reads sparse vectors in the form in which clients of Chroma send them:
/// `{"#type": "sparse_vector", "indices": […], "values": […], "tokens": […]}`, the type and the tokens being optional.
struct SparseVectorDecoder {
    /// Names as they are spelled, in requests and answers.
    enum Name {
        static let type = "#type"
        static let indices = "indices"
        static let values = "values"
        static let tokens = "tokens"
        /// What `type` says.
        static let sparseVector = "sparse_vector"
    }

    let dialect: Dialect

    /// Whether an object means to be a sparse vector.
    static func isMeant(by value: JSONValue) -> Bool {
        guard let type = value.member(Name.type) else { return value.member(Name.indices) != nil }
        return type.string == Name.sparseVector
    }

    /// - Throws: what is wrong with the vector and where; the client's numbers are not quoted.
    func vector(_ value: JSONValue, at place: JSONPlace) throws(WireError) -> SparseVector {
        let fields = try JSONFields(value, at: place, expected: "a sparse vector", dialect)
        let indices = try list(fields, Name.indices, "a whole number from 0 to \(UInt32.max)") { (element) in
            element.integer.flatMap(UInt32.init(exactly:))
        }
        let values = try list(fields, Name.values, "a number") { (element) in element.number.map { Float($0) } }
        var labels: [String]?
        if try fields.optional(Name.tokens) != nil {
            labels = try list(fields, Name.tokens, "a string") { (element) in element.string }
        }
        do throws(SparseVectorFlaw) {
            return try SparseVector(indices: indices, values: values, labels: labels)
        } catch {
            throw invalid(place, "\(error)")
        }
    }

    private func list<Element>(
        _ fields: JSONFields, _ name: String, _ expected: String, _ read: (JSONValue) -> Element?
    ) throws(WireError) -> [Element] {
        guard let value = try fields.optional(name), value.kind == .array else {
            throw invalid(fields.place, "has no list \(name); a sparse vector has indices and values")
        }
        var elements: [Element] = []
        elements.reserveCapacity(value.count)
        try value.forEachElement { (position: Int, element: JSONValue) throws(WireError) in
            guard let element = read(element) else { throw invalid(fields.place.field(name).element(position), "is not \(expected)") }
            elements.append(element)
        }
        return elements
    }

    private func invalid(_ place: JSONPlace, _ problem: String) -> WireError {
        .rule("Validation error: \(place): \(problem)", version1: "\(place) \(problem)", dialect)
    }
}

extension JSONWriter {
    /// A sparse vector as clients of Chroma read it.
    mutating func sparseVector(_ vector: SparseVector) {
        raw(##"{"#type":"sparse_vector","indices":"##)
        array(vector.indices) { writer, index in writer.integer(index) }
        raw(#","values":"#)
        vector.values.withUnsafeBufferPointer { floats($0) }
        if let labels = vector.labels {
            raw(#","tokens":"#)
            array(labels) { writer, label in writer.string(label) }
        }
        raw("}")
    }
}
