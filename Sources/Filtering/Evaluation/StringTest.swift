import CRegularExpressions
import VectorModel

/// A test of a string's text, compiled once for a request.
enum StringTest: Sendable {
    case prefix([UInt8])
    case substring([UInt8])
    case matches(RegularExpression)
    case date(DateComparison)

    private static let field = "where"

    init(_ comparison: TextComparison, limits: Limits) throws(RequestError) {
        switch comparison {
        case .like(let pattern):
            let expression = try LikePattern.regularExpression(pattern, field: Self.field, limits: limits)
            // A pattern within its limit may be longer as an expression.
            var widened = limits
            widened.patternBytes = .max
            self = .matches(try RegularExpression(expression, field: Self.field, limits: widened))
        case .prefix(let text): self = .prefix(Array(text.utf8))
        case .substring(let text): self = .substring(Array(text.utf8))
        case .matches(let pattern): self = .matches(try RegularExpression(pattern, field: Self.field, limits: limits))
        }
    }

    /// Cost: linear in the text; a date O(1).
    /// - Parameter text: UTF-8.
    func accepts(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .prefix(let prefix): return text.starts(with: prefix)
        case .substring(let part):
            // SAFETY: both buffers are passed with their lengths.
            return part.withUnsafeBytes { cre_contains(text.baseAddress, text.count, $0.baseAddress, $0.count) }
        case .matches(let expression): return expression.matches(text)
        case .date(let comparison):
            guard let moment = DateText.microseconds(text) else { return false }
            return comparison.holds(moment)
        }
    }
}

extension DateComparison {
    /// Whether a moment stands to the one given as it is to.
    fileprivate func holds(_ moment: Int64) -> Bool {
        switch order {
        case .less: moment < microseconds
        case .lessOrEqual: moment <= microseconds
        case .greater: moment > microseconds
        case .greaterOrEqual: moment >= microseconds
        case .equal: moment == microseconds
        }
    }
}
