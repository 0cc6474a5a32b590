/// What can be wrong with one row of what is to be ingested.
public enum RowProblemKind: String, CaseIterable, Sendable {
    case blankLine = "blank line"
    case syntax = "not a JSON object"
    case id = "unusable id"
    case duplicateID = "duplicate id"
    case document = "unusable document"
    case metadata = "unusable metadata"
    case uri = "unusable uri"
    case embedding = "unusable embedding"
    case dimension = "wrong dimension"
    case notFinite = "NaN or infinity"
    case zeroVector = "zero vector"
    case duplicateVector = "duplicate vector"

    /// A warning is worth a look, but can be stored as it is.
    public var isWarning: Bool {
        switch self {
        case .zeroVector, .duplicateVector: true
        case .blankLine, .syntax, .id, .duplicateID, .document, .metadata, .uri, .embedding, .dimension, .notFinite: false
        }
    }
}

/// One finding; `detail` names fields, types, positions and other rows, never texts or components.
public struct RowProblem: Equatable, Sendable {
    /// The line of the file, counted from 1.
    public let row: Int
    public let kind: RowProblemKind
    public let detail: String

    public init(row: Int, kind: RowProblemKind, detail: String) {
        self.row = row
        self.kind = kind
        self.detail = detail
    }

    public var message: String { "row \(row): \(kind.rawValue): \(detail)" }
}
