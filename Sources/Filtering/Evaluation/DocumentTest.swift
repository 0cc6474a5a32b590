import CRegularExpressions
import VectorModel

/// Whether one document matches. Rows without a document pass only the negated forms.
indirect enum DocumentTest: Sendable {
    case all([DocumentTest])
    case any([DocumentTest])
    case contains([UInt8], isNegated: Bool)
    case matches(RegularExpression, isNegated: Bool)

    init(_ condition: DocumentCondition, limits: Limits) throws(RequestError) {
        switch condition {
        case .all(let parts): self = .all(try Self.compile(parts, limits))
        case .any(let parts): self = .any(try Self.compile(parts, limits))
        case .contains(let text): self = .contains(Array(text.utf8), isNegated: false)
        case .notContains(let text): self = .contains(Array(text.utf8), isNegated: true)
        case .matches(let pattern): self = .matches(try RegularExpression(pattern, limits: limits), isNegated: false)
        case .notMatches(let pattern): self = .matches(try RegularExpression(pattern, limits: limits), isNegated: true)
        }
    }

    private static func compile(_ parts: [DocumentCondition], _ limits: Limits) throws(RequestError) -> [DocumentTest] {
        var compiled: [DocumentTest] = []
        for part in parts { compiled.append(try DocumentTest(part, limits: limits)) }
        return compiled
    }

    func accepts(_ document: UnsafeRawBufferPointer?) -> Bool {
        switch self {
        case .all(let parts): return parts.allSatisfy { $0.accepts(document) }
        case .any(let parts): return parts.contains { $0.accepts(document) }
        case .contains(let text, let isNegated):
            guard let document else { return isNegated }
            return Self.contains(document, text) != isNegated
        case .matches(let expression, let isNegated):
            guard let document else { return isNegated }
            return expression.matches(document) != isNegated
        }
    }

    private static func contains(_ document: UnsafeRawBufferPointer, _ text: [UInt8]) -> Bool {
        // SAFETY: both buffers are passed with their lengths.
        text.withUnsafeBytes { cre_contains(document.baseAddress, document.count, $0.baseAddress, $0.count) }
    }
}
