public import Engine
import Filtering
public import VectorModel

/// A transaction's `get`: what it asks for, what its answer shows, and the moment that it reads at.
public struct DecodedConditionalGet: Sendable {
    public let get: DecodedGet
    /// `nil` for a transaction's first read.
    public let token: SequenceNumber?
}

/// Transactions as Chroma's clients send them: reads with a token, and one commit with everything that is to be written.
extension RequestDecoder {
    /// Reads the body of a transaction's `get`.
    public func conditionalGet(_ body: RequestBody) throws(WireError) -> DecodedConditionalGet {
        try read(body, "ConditionalGetRequestPayload") { fields throws(WireError) in
            let get = try get(fields)
            // Without ids the read's validation is about what it returns, which must not be everything.
            guard get.request.selector.identifiers != nil || get.request.limit ?? 0 > 0 else {
                throw .rule("transactional filter reads require a positive limit", dialect)
            }
            return DecodedConditionalGet(get: get, token: try token(fields))
        }
    }

    /// Reads the body of a commit, with every rule about what a transaction must have read.
    ///
    /// Clients tell of the reads in one of two ways: as operations with the ids that were found, or all ids in one list.
    public func conditionalCommit(_ body: RequestBody) throws(WireError) -> ConditionalCommit {
        try read(body, "ConditionalCommitPayload") { fields throws(WireError) in
            let token = try token(fields)
            var (reads, changes): ([ConditionalCommit.Read], [GroupedChange]) = ([], [])
            if let identifiers = try fields.optional("read_ids"), identifiers.count > 0 || identifiers.kind != .array {
                reads.append(.init(asked: try fields.strings("read_ids", identifiers), hasConditions: false, found: nil))
            }
            let operations = try fields.required("operations")
            try fields.requireArray(operations, "operations")
            guard operations.count <= limits.batchRows else {
                throw WireError(RequestError(.batchTooLarge(rows: operations.count, limit: limits.batchRows)), dialect: dialect)
            }
            try operations.forEachElement { (index: Int, operation: JSONValue) throws(WireError) in
                let place = JSONPlace("operations").element(index)
                switch try self.operation(try JSONFields(operation, at: place, expected: "struct ConditionalTransactionOperationPayload", dialect)) {
                case .read(let read): reads.append(read)
                case .change(let change): changes.append(change)
                }
            }
            do throws(RequestError) {
                return try ConditionalCommit(token: token, reads: reads, changes: changes, limits: limits)
            } catch {
                throw WireError(error, dialect: dialect)
            }
        }
    }

    private enum Operation {
        case read(ConditionalCommit.Read)
        case change(GroupedChange)
    }

    private static let operationNames = ["get", "add", "update", "upsert", "delete"]

    private func operation(_ fields: JSONFields) throws(WireError) -> Operation {
        let name = try fields.requiredString("operation")
        func payload(_ target: String) throws(WireError) -> JSONFields {
            try JSONFields(try fields.required("payload"), at: fields.place.field("payload"), expected: "struct \(target)", dialect)
        }
        switch name {
        case "get": return .read(try transactionRead(payload("ConditionalTransactionReadPayload")))
        case "add": return .change(.write(try write(payload(Self.target(.add)), as: .add), .add))
        case "update": return .change(.write(try write(payload(Self.target(.update)), as: .update), .update))
        case "upsert": return .change(.write(try write(payload(Self.target(.upsert)), as: .upsert), .upsert))
        case "delete": return .change(.delete(try transactionDelete(payload("DeleteCollectionRecordsPayload"))))
        default:
            throw .type(
                fields.place.field("operation"),
                "unknown variant `\(name.utf8.count <= 64 ? name : "…")`, expected one of "
                    + Self.operationNames.map { "`\($0)`" }.joined(separator: ", "), dialect)
        }
    }

    private func transactionRead(_ fields: JSONFields) throws(WireError) -> ConditionalCommit.Read {
        let asked = try fields.optional("ids").map { value throws(WireError) in try fields.strings("ids", value) }
        let conditions = [try fields.optional("where"), try fields.optional("where_document")]
        let found = try fields.strings("expected_ids", fields.required("expected_ids"))
        return ConditionalCommit.Read(asked: asked, hasConditions: conditions.contains { $0 != nil }, found: found)
    }

    private func transactionDelete(_ fields: JSONFields) throws(WireError) -> [String] {
        let identifiers = try fields.optional("ids").map { value throws(WireError) in try fields.strings("ids", value) } ?? []
        var isPredicate = identifiers.isEmpty
        for name in ["where", "where_document", "limit"] { if try fields.optional(name) != nil { isPredicate = true } }
        guard !isPredicate else { throw .rule("transactional predicate deletes are not supported", dialect) }
        return identifiers
    }

    private func token(_ fields: JSONFields) throws(WireError) -> SequenceNumber? {
        try fields.size("read_token").map { SequenceNumber(UInt64($0)) }
    }
}
