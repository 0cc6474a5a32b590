public import ByteCoding
public import VectorModel

/// One record read out of a segment: the parts that were asked for, each compared with its checksum, so that reading them cannot fail any more.
///
/// Keeps the mapping alive, and the decompressed block of texts that it needs.
public struct SegmentRecord: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable`: the pointers lead to bytes that are never written and live as long as `mapping` and `texts`.
    private let mapping: SegmentMapping
    private let identifierBytes: UnsafeRawBufferPointer
    private let vector: SegmentVector?
    private let texts: SegmentRowTexts?
    /// Fields in the order in which they were given; `nil` when the record has none, or when they were not asked for.
    public let metadata: Metadata?
    /// Whether the record has metadata, be it without fields and whether or not it was asked for.
    public let hasMetadata: Bool

    init(_ cursor: SegmentCursor, row: Int, fields: RecordFields) throws(Corruption) {
        mapping = cursor.mapping
        identifierBytes = try cursor.string(row, of: .identifiers)
        vector = fields.contains(.vector) ? try cursor.vector(of: row) : nil
        texts = fields.isDisjoint(with: [.document, .uri]) ? nil : try cursor.texts(of: row)
        hasMetadata = try cursor.flags(of: row) & SegmentFormat.RowFlag.hasMetadata != 0
        metadata = fields.contains(.metadata) ? try cursor.metadata(of: row) : nil
    }

    /// The id.
    public var identifier: String { withIdentifierBytes { String(decoding: $0, as: UTF8.self) } }

    /// The id's UTF-8, valid during the call.
    public func withIdentifierBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        defer { withExtendedLifetime(mapping) {} }
        return try body(identifierBytes)
    }

    /// The document; see `withDocumentBytes`.
    public var document: String? { withDocumentBytes { $0.map { String(decoding: $0, as: UTF8.self) } } }

    /// The document's UTF-8, or `nil` if there is none or neither document nor URI were asked for. Valid during the call.
    public func withDocumentBytes<R>(_ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        defer { withExtendedLifetime((mapping, texts?.owner)) {} }
        return try body(texts?.document)
    }

    /// The URI, or `nil` if there is none or neither document nor URI were asked for.
    public var uri: String? {
        defer { withExtendedLifetime((mapping, texts?.owner)) {} }
        return texts?.uri.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The vector's floats, or `nil` if there is none or it was not asked for. Valid during the call.
    public func withVector<R>(_ body: (UnsafeBufferPointer<Float>?) throws -> R) rethrows -> R {
        defer { withExtendedLifetime(mapping) {} }
        guard let vector else { return try body(nil) }
        return try vector.withFloats { try body($0) }
    }
}

extension SegmentCursor {
    /// The record at `row`, with the parts asked for.
    public func record(_ row: Int, fields: RecordFields) throws(Corruption) -> SegmentRecord {
        try SegmentRecord(self, row: row, fields: fields)
    }
}
