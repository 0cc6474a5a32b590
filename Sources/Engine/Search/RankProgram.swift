#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A rank expression made ready to score many records: its operators in the order in which a stack machine runs them.
///
/// Cost of a score: one step for each node of the expression.
struct RankProgram {
    private enum Step {
        case value(Double)
        /// The next leaf's value.
        case leaf(Int)
        case add(Int)
        case multiply(Int)
        case minimum(Int)
        case maximum(Int)
        case subtract
        case divide
        case absolute
        case exponential
        case logarithm
    }

    /// The expression's leaves from left to right.
    private(set) var leaves: [RankLeaf] = []
    private var steps: [Step] = []

    init(_ expression: RankExpression) {
        append(expression)
    }

    private mutating func append(_ expression: RankExpression) {
        for operand in expression.operands { append(operand) }
        let step: Step = switch expression {
        case .value(let value): .value(value)
        case .leaf: .leaf(leaves.count)
        case .sum(let parts): .add(parts.count)
        case .product(let parts): .multiply(parts.count)
        case .minimum(let parts): .minimum(parts.count)
        case .maximum(let parts): .maximum(parts.count)
        case .difference: .subtract
        case .quotient: .divide
        case .absolute: .absolute
        case .exponential: .exponential
        case .logarithm: .logarithm
        }
        if case .leaf(let leaf) = expression { leaves.append(leaf) }
        steps.append(step)
    }

    /// The score of one record.
    /// - Parameters:
    ///   - values: what each leaf says of the record.
    ///   - stack: room to work in, empty; taken from the caller so that scoring many records does not allocate.
    func score(_ values: UnsafeBufferPointer<Double>, _ stack: inout [Double]) -> Double {
        for step in steps {
            switch step {
            case .value(let value): stack.append(value)
            case .leaf(let leaf): stack.append(values[leaf])
            case .add(let count): fold(count, &stack) { $0 + $1 }
            case .multiply(let count): fold(count, &stack) { $0 * $1 }
            case .minimum(let count): fold(count, &stack) { Double.minimum($0, $1) }
            case .maximum(let count): fold(count, &stack) { Double.maximum($0, $1) }
            case .subtract: fold(2, &stack) { $0 - $1 }
            case .divide: fold(2, &stack) { $0 / $1 }
            case .absolute: stack.append(abs(stack.removeLast()))
            case .exponential: stack.append(exp(stack.removeLast()))
            case .logarithm: stack.append(log(stack.removeLast()))
            }
        }
        return stack.removeLast()
    }

    /// Puts one number in the place of the last `count`, which are at least one.
    private func fold(_ count: Int, _ stack: inout [Double], _ combine: (Double, Double) -> Double) {
        let first = stack.count - count
        var result = stack[first]
        for index in stack.index(after: first)..<stack.endIndex { result = combine(result, stack[index]) }
        stack.removeLast(count)
        stack.append(result)
    }
}
