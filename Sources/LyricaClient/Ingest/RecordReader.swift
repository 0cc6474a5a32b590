/// Turns one line of JSON into a checked record.
///
/// Checked here is what concerns the row alone; dimensions and duplicates, which concern several rows, are `RowComparison`'s.
/// Keys that are none of the five fields are left aside.
public struct RecordReader: Sendable {
    public let fields: FieldNames

    public init(fields: FieldNames) {
        self.fields = fields
    }

    /// - Parameter embedding: The row's vector from an embedding file; `nil` when the row brings its own.
    /// - Returns: The record, or every problem that was found in the row.
    public func record(from line: Line, embedding: [Float]?) -> Result<IngestRecord, RowProblems> {
        let object: JSONObject
        do throws(JSONSyntaxError) {
            let value = try JSONParser.parse(line.bytes)
            guard let found = value.object else { return .failure(RowProblems(row: line.number, .syntax, "the line is \(value.kindName)")) }
            object = found
        } catch {
            return .failure(RowProblems(row: line.number, .syntax, error.message))
        }
        var problems = RowProblems(row: line.number)
        let id = identifier(object[fields.id], &problems)
        let document = text(object[fields.document], field: fields.document, .document, &problems)
        let uri = text(object[fields.uri], field: fields.uri, .uri, &problems)
        let metadata = metadata(object[fields.metadata], &problems)
        let vector = vector(inline: object[fields.embedding], fromFile: embedding, &problems)
        guard problems.list.isEmpty, let id, let vector else { return .failure(problems) }
        return .success(IngestRecord(row: line.number, id: id, document: document, metadata: metadata, uri: uri, embedding: vector))
    }

    private func identifier(_ value: JSONValue?, _ problems: inout RowProblems) -> String? {
        guard let value else {
            problems.add(.id, "there is no '\(fields.id)'")
            return nil
        }
        guard let id = value.string else {
            problems.add(.id, "'\(fields.id)' is \(value.kindName), not a string")
            return nil
        }
        if id.isEmpty { problems.add(.id, "'\(fields.id)' is empty") }
        return id
    }

    private func text(_ value: JSONValue?, field: String, _ kind: RowProblemKind, _ problems: inout RowProblems) -> String? {
        guard let value, !value.isNull else { return nil }
        if value.string == nil { problems.add(kind, "'\(field)' is \(value.kindName), not a string") }
        return value.string
    }

    private func metadata(_ value: JSONValue?, _ problems: inout RowProblems) -> JSONObject? {
        guard let value, !value.isNull else { return nil }
        guard let metadata = value.object else {
            problems.add(.metadata, "'\(fields.metadata)' is \(value.kindName), not an object")
            return nil
        }
        var keys: Set<String> = []
        for member in metadata.members {
            if let problem = MetadataRules.problem(with: member) { problems.add(.metadata, problem) }
            if !keys.insert(member.key).inserted { problems.add(.metadata, "key '\(MetadataRules.shown(member.key))' is there twice") }
        }
        return metadata
    }

    private func vector(inline: JSONValue?, fromFile: [Float]?, _ problems: inout RowProblems) -> [Float]? {
        let inline = inline.flatMap { $0.isNull ? nil : $0 }
        switch (inline, fromFile) {
        case (nil, nil):
            problems.add(.embedding, "there is no '\(fields.embedding)' and no embedding file")
            return nil
        case (.some, .some):
            problems.add(.embedding, "there is an '\(fields.embedding)' in the row and one in the embedding file")
            return nil
        case (nil, .some(let vector)):
            checkFinite(vector, &problems)
            return vector
        case (.some(let value), nil):
            return inlineVector(value, &problems)
        }
    }

    private func inlineVector(_ value: JSONValue, _ problems: inout RowProblems) -> [Float]? {
        guard let components = value.array else {
            problems.add(.embedding, "'\(fields.embedding)' is \(value.kindName), not an array of numbers")
            return nil
        }
        guard !components.isEmpty else {
            problems.add(.embedding, "'\(fields.embedding)' has no components")
            return nil
        }
        var vector: [Float] = []
        vector.reserveCapacity(components.count)
        for (position, component) in components.enumerated() {
            guard let number = component.number else {
                problems.add(.embedding, "component \(position) is \(component.kindName), not a number")
                return nil
            }
            vector.append(Float(number))
        }
        checkFinite(vector, &problems)
        return vector
    }

    private func checkFinite(_ vector: [Float], _ problems: inout RowProblems) {
        guard let position = vector.firstIndex(where: { !$0.isFinite }) else { return }
        problems.add(.notFinite, "component \(position) is \(vector[position].isNaN ? "NaN" : "beyond the range of float32")")
    }
}

/// The problems of one row.
public struct RowProblems: Error, Equatable, Sendable {
    public let row: Int
    public private(set) var list: [RowProblem] = []

    public init(row: Int) {
        self.row = row
    }

    init(row: Int, _ kind: RowProblemKind, _ detail: String) {
        self.init(row: row)
        add(kind, detail)
    }

    mutating func add(_ kind: RowProblemKind, _ detail: String) {
        list.append(RowProblem(row: row, kind: kind, detail: detail))
    }
}
