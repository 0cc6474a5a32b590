import ByteCoding
import CRegularExpressions
import VectorModel

/// A document condition whose patterns are compiled. Rows without a document pass only the negated forms.
indirect enum CompiledDocumentCondition: Sendable {
    case all([CompiledDocumentCondition])
    case any([CompiledDocumentCondition])
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

    private static func compile(_ parts: [DocumentCondition], _ limits: Limits) throws(RequestError) -> [CompiledDocumentCondition] {
        var compiled: [CompiledDocumentCondition] = []
        for part in parts { compiled.append(try CompiledDocumentCondition(part, limits: limits)) }
        return compiled
    }

    func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        // Documents can be large: ask often.
        let rowsBetweenChecks = 64
        var untilCheck = 0
        var failure: RequestError?
        candidates.filter { row in
            guard failure == nil else { return false }
            if untilCheck == 0 {
                untilCheck = rowsBetweenChecks
                do throws(RequestError) { try shouldContinue() } catch { failure = error }
            }
            untilCheck -= 1
            do throws(Corruption) {
                return accepts(try rows.document(of: row))
            } catch {
                failure = RequestError(error)
                return false
            }
        }
        if let failure { throw failure }
    }

    private func accepts(_ document: UnsafeRawBufferPointer?) -> Bool {
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
