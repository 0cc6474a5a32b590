import ChromaWire
import Testing
import VectorModel

@Suite struct ErrorWordingTests {
    static func body(_ reason: RequestError.Reason, _ dialect: Dialect, _ operation: WireError.Operation = .other) -> String {
        let error = WireError(RequestError(reason), dialect: dialect, operation: operation)
        return "\(error.status) \(Wire.text(ResponseEncoder(dialect: dialect).error(error)))"
    }

    static let table: [(RequestError.Reason, WireError.Operation, String, String, String)] = [
        (.collectionNotFound(name: "nope"), .getCollection,
         #"404 {"error":"NotFoundError","message":"Collection [nope] does not exist"}"#,
         #"400 {"error":"InvalidCollection","message":"Collection nope does not exist."}"#,
         #"500 {"error":"ValueError('Collection nope does not exist.')"}"#),
        (.collectionNotFound(name: "nope"), .deleteCollection,
         #"404 {"error":"NotFoundError","message":"Collection [nope] does not exist"}"#,
         #"400 {"error":"InvalidArgumentError","message":"Collection nope does not exist."}"#,
         #"500 {"error":"ValueError('Collection nope does not exist.')"}"#),
        (.collectionIdentifierNotFound(.zero), .add,
         #"404 {"error":"NotFoundError","message":"Collection [00000000-0000-0000-0000-000000000000] does not exist."}"#,
         #"400 {"error":"InvalidCollection","message":"Collection 00000000-0000-0000-0000-000000000000 does not exist."}"#,
         #"400 {"error":"InvalidCollection","message":"Collection 00000000-0000-0000-0000-000000000000 does not exist."}"#),
        (.collectionExists("x"), .createCollection,
         #"409 {"error":"UniqueConstraintError","message":"Collection [x] already exists"}"#,
         #"409 {"error":"UniqueConstraintError","message":"Collection x already exists"}"#,
         #"500 {"error":"UniqueConstraintError('Collection x already exists')"}"#),
        (.dimensionMismatch(expected: 3, got: 2, inQuery: false), .add,
         #"400 {"error":"InvalidArgumentError","message":"Collection expecting embedding with dimension of 3, got 2"}"#,
         #"400 {"error":"InvalidDimension","message":"Embedding dimension 2 does not match collection dimensionality 3"}"#,
         #"400 {"error":"InvalidDimension","message":"Embedding dimension 2 does not match collection dimensionality 3"}"#),
        (.recordNotFound("x"), .query,
         #"400 {"error":"InvalidArgumentError","message":"Error finding id [x]: no record has it"}"#,
         #"400 {"error":"InvalidArgumentError","message":"Error finding id [x]: no record has it"}"#,
         #"500 {"error":"ValueError('Error finding id [x]: no record has it')"}"#),
        (.resetDisabled, .other,
         #"403 {"error":"ChromaError","message":"Reset is disabled by config"}"#,
         #"400 {"error":"InvalidArgumentError","message":"Resetting is not allowed by this configuration"}"#,
         #"500 {"error":"ValueError('Resetting is not allowed by this configuration')"}"#),
        (.storageDamaged("f.segment, byte 8: block: expected 1, found 2"), .query,
         #"500 {"error":"InternalError","message":"The stored data is damaged: f.segment, byte 8: block: expected 1, found 2. Run lyrica verify"}"#,
         #"500 {"error":"InternalError","message":"The stored data is damaged: f.segment, byte 8: block: expected 1, found 2. Run lyrica verify"}"#,
         #"500 {"error":"RuntimeError('The stored data is damaged: f.segment, byte 8: block: expected 1, found 2. Run lyrica verify')"}"#),
        (.readOnly("it was opened for reading"), .add,
         #"403 {"error":"ChromaError","message":"Nothing can be changed: it was opened for reading"}"#,
         #"403 {"error":"InvalidArgumentError","message":"Nothing can be changed: it was opened for reading"}"#,
         #"403 {"error":"RuntimeError('Nothing can be changed: it was opened for reading')"}"#),
        (.outOfSpace("write log/1.wal"), .upsert,
         #"507 {"error":"ChromaError","message":"The disk is full: write log/1.wal"}"#,
         #"507 {"error":"InternalError","message":"The disk is full: write log/1.wal"}"#,
         #"507 {"error":"OSError('The disk is full: write log/1.wal')"}"#),
        (.overloaded(retryAfterSeconds: 2), .add,
         #"503 {"error":"ChromaError","message":"The server has too many requests waiting; try again in 2 s"}"#,
         #"503 {"error":"RateLimitError","message":"The server has too many requests waiting; try again in 2 s"}"#,
         #"503 {"error":"RuntimeError('The server has too many requests waiting; try again in 2 s')"}"#),
    ]

    @Test(arguments: table)
    func eachGenerationHasItsWords(
        reason: RequestError.Reason, operation: WireError.Operation, current: String, named: String, representation: String
    ) {
        #expect(Self.body(reason, Wire.current, operation) == current)
        #expect(Self.body(reason, Wire.named, operation) == named)
        #expect(Self.body(reason, Wire.representation, operation) == representation)
    }

    @Test func pythonQuoting() {
        let text = Self.body(.collectionExists("it's \"x\"\n"), Wire.representation)
        #expect(text == #"500 {"error":"UniqueConstraintError('Collection it\\'s \"x\"\\n already exists')"}"#)
        #expect(Self.body(.collectionExists("it's"), Wire.representation) == #"500 {"error":"UniqueConstraintError(\"Collection it's already exists\")"}"#)
    }

    @Test func syntaxErrors() {
        for text in ["", "{", "nul", #"{"ids":["a"],}"#, "{} x", "{'a':1}", #"{"a":NaN}"#, #"{"a":1e400}"#, #"{"a":"\ud800"}"#, "{\"a\":\"\u{1}\"}"] {
            let current = Wire.failure { _ = try Wire.decoder().get(RequestBody(text)) }
            #expect(current.hasPrefix("400 InvalidArgumentError: Failed to parse the request body as JSON: "), "\(text): \(current)")
            #expect(Wire.failure { _ = try Wire.decoder(Wire.named).get(RequestBody(text)) }.hasPrefix("422 json_invalid"))
        }
    }

    @Test func overloadSaysWhenToComeBack() {
        #expect(WireError(RequestError(.overloaded(retryAfterSeconds: 3)), dialect: Wire.current).retryAfterSeconds == 3)
    }

    @Test func bodiesHaveALimit() {
        var body = PaddedBody(expectedByteCount: nil, limit: 10, dialect: Wire.current)
        let chunk = [UInt8](repeating: 32, count: 6)
        #expect(Wire.failure { try chunk.withUnsafeBytes { try body.append($0) } } == "no error")
        #expect(Wire.failure { try chunk.withUnsafeBytes { try body.append($0) } }.hasPrefix("413 ChromaError: Payload too large"))
        #expect(body.count == 6)
    }
}
