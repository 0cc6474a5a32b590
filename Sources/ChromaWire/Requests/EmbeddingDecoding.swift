import CJSON
import Engine
import VectorModel

/// The vectors of a write request as they are read, one slot per row.
struct EmbeddingRows {
    private(set) var values: [Float] = []
    private(set) var presence: [Bool] = []
    private(set) var dimension = 0

    init() {}

    /// Rows of one dimension; `nil` for those without a vector.
    init(rows: [ArraySlice<Float>?], dimension: Int) {
        self.dimension = dimension
        for row in rows {
            presence.append(row != nil)
            if let row { values.append(contentsOf: row) }
        }
    }

    var count: Int { presence.count }
    var hasVectors: Bool { !values.isEmpty }
    private var isAllPresent: Bool { !presence.contains(false) }

    /// `nil` when no row has a vector.
    var column: EmbeddingColumn? {
        guard hasVectors else { return nil }
        return EmbeddingColumn(dimension: dimension, values: values, presence: isAllPresent ? nil : presence)
    }

    /// The vector of a row.
    func vector(_ row: Int, index: Int) -> ArraySlice<Float>? {
        presence[row] ? values[index * dimension..<(index + 1) * dimension] : nil
    }

    /// Floats reserved before they are read: the rows of a hostile body may be fewer or shorter than the first promises.
    static let reservedFloatsMax = 1 << 22

    fileprivate mutating func reserve(rows: Int, dimension: Int) {
        values.reserveCapacity(min(rows * dimension, Self.reservedFloatsMax))
        presence.reserveCapacity(rows)
    }

    fileprivate mutating func appendAbsent() { presence.append(false) }

    /// Makes the next row present, with the numbers that `read` appends.
    /// - Throws: what `read` throws, or an error when the row's dimension is zero, too large or not that of the others.
    fileprivate mutating func append(
        dimension got: Int, limits: Limits, _ dialect: Dialect, _ read: (inout [Float]) throws(WireError) -> Void
    ) throws(WireError) {
        guard got > 0 else { throw .rule("Validation error: embeddings: Each embedding must have at least 1 dimension", dialect) }
        guard got <= limits.dimension else { throw RequestDecoder.tooWide(got, limits, dialect) }
        if dimension == 0 { dimension = got }
        guard got == dimension else { throw .rule(RequestDecoder.mixedDimensionsText, dialect) }
        try read(&values)
        presence.append(true)
    }
}

extension RequestDecoder {
    /// Reads `embeddings`: arrays of numbers, or base64 of little-endian floats, but not both; nulls where they are allowed.
    func embeddings(_ value: JSONValue, allowsNull: Bool) throws(WireError) -> EmbeddingRows {
        guard value.kind == .array else { throw notEmbeddings }
        guard value.count <= limits.batchRows else {
            throw WireError(RequestError(.batchTooLarge(rows: value.count, limit: limits.batchRows)), dialect: dialect)
        }
        var rows = EmbeddingRows()
        var form: JSONValue.Kind?
        var broken = BrokenRule(dialect)
        try value.forEachElement { (index: Int, row: JSONValue) throws(WireError) in
            switch row.kind {
            case .null:
                guard allowsNull else { throw notEmbeddings }
                rows.appendAbsent()
                return
            case .array, .string:
                guard form == nil || form == row.kind else { throw notEmbeddings }
                if form == nil, row.kind == .array { rows.reserve(rows: value.count, dimension: min(row.count, limits.dimension)) }
                form = row.kind
            case .boolean, .integer, .unsigned, .double, .object:
                throw notEmbeddings
            }
            let isArray = row.kind == .array
            try broken.unlessRule { () throws(WireError) in
                if isArray { try appendArray(row, to: &rows) } else { try appendBase64(row, to: &rows, index: index, of: value.count) }
            }
        }
        try broken.report()
        guard rows.values.allSatisfy(\.isFinite) else {
            throw .rule("Validation error: embeddings: Embeddings must not contain NaN or Infinity values", dialect)
        }
        return rows
    }

    private func appendArray(_ row: JSONValue, to rows: inout EmbeddingRows) throws(WireError) {
        let count = row.count
        if count != rows.dimension, rows.dimension > 0, count <= limits.dimension {
            var unused: [Float] = []
            if row.appendFloats(to: &unused, count: count) != nil { throw notEmbeddings }
        }
        try rows.append(dimension: count, limits: limits, dialect) { values throws(WireError) in
            if row.appendFloats(to: &values, count: count) != nil { throw notEmbeddings }
        }
    }

    private func appendBase64(_ row: JSONValue, to rows: inout EmbeddingRows, index: Int, of count: Int) throws(WireError) {
        let bytes = try decodedBase64(row)
        guard bytes.count.isMultiple(of: 4) else {
            throw .rule("Invalid byte length: \(bytes.count) bytes cannot be converted to f32 values (must be divisible by 4)", dialect)
        }
        let dimension = bytes.count / 4
        if rows.count == 0, dimension <= limits.dimension { rows.reserve(rows: count, dimension: dimension) }
        try rows.append(dimension: dimension, limits: limits, dialect) { values throws(WireError) in
            let start = values.count
            bytes.withUnsafeBytes { source in
                for place in 0..<dimension {
                    values.append(Float(bitPattern: UInt32(littleEndian: source.loadUnaligned(fromByteOffset: place * 4, as: UInt32.self))))
                }
            }
            if let bad = values[start...].first(where: { !$0.isFinite }) {
                let name = bad.isNaN ? "NaN" : bad < 0 ? "-inf" : "inf"
                throw .rule("Non-finite float value at embedding index \(index): \(name)", dialect)
            }
        }
    }

    private func decodedBase64(_ row: JSONValue) throws(WireError) -> [UInt8] {
        var status = CJSON_BASE64_OK
        var place = 0
        var symbol: UInt8 = 0
        var length = 0
        let bytes = row.withStringBytes { text in
            guard let text else { return [UInt8]() }
            length = text.count
            return [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 3) { buffer, count in
                status = cjson_decode_base64(text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, buffer.baseAddress, &count, &place)
                if status == CJSON_BASE64_INVALID_SYMBOL { symbol = text[place] }
                if status != CJSON_BASE64_OK { count = 0 }
            }
        }
        switch status {
        case CJSON_BASE64_OK: return bytes
        case CJSON_BASE64_INVALID_SYMBOL: throw .rule("Invalid base64 string: Invalid symbol \(symbol), offset \(place).", dialect)
        case CJSON_BASE64_INVALID_LENGTH: throw .rule("Invalid base64 string: Invalid input length: \(length)", dialect)
        default: throw .rule("Invalid base64 string: Invalid padding", dialect)
        }
    }

    private var notEmbeddings: WireError {
        .type(JSONPlace("embeddings"), "data did not match any variant of untagged enum EmbeddingsPayload", dialect)
    }
}
