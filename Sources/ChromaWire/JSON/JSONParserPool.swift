import CJSON
import Synchronization

/// Parsers with their memory, kept from one request to the next.
///
/// A parser's tables are up to fourteen times the largest text it has read, so what is kept is bounded by the sum of those texts.
final class JSONParserPool: Sendable {
    static let shared = JSONParserPool()

    /// Levels of nesting that a text may have. Filters get by with two levels for each of `Limits.filterDepth`.
    static let depthMax = 256
    private static let keptParsers = 16
    private static let keptTextBytes = 8 << 20

    // SAFETY: a parser is in the list or with one borrower, never both.
    private struct Idle: @unchecked Sendable {
        var parsers: [OpaquePointer] = []
        /// Their capacities together.
        var textBytes = 0

        mutating func pop() -> OpaquePointer? {
            guard let parser = parsers.popLast() else { return nil }
            textBytes -= cjson_parser_capacity(parser)
            return parser
        }
    }

    private let idle = Mutex(Idle())

    /// Lends a parser to `body`, which must leave nothing that points into it.
    func withParser<R, E: Error>(_ body: (OpaquePointer) throws(E) -> R) throws(E) -> R {
        let parser = take()
        defer { giveBack(parser) }
        return try body(parser)
    }

    private func take() -> OpaquePointer {
        if let parser = idle.withLock({ Borrowed(pointer: $0.pop()) }).pointer { return parser }
        guard let parser = cjson_parser_create(Self.depthMax) else { fatalError("out of memory for a JSON parser") }
        return parser
    }

    private func giveBack(_ parser: OpaquePointer) {
        let borrowed = Borrowed(pointer: parser)
        let textBytes = cjson_parser_capacity(parser)
        let isKept = idle.withLock { idle in
            guard idle.parsers.count < Self.keptParsers, idle.textBytes + textBytes <= Self.keptTextBytes, let pointer = borrowed.pointer else {
                return false
            }
            idle.parsers.append(pointer)
            idle.textBytes += textBytes
            return true
        }
        if !isKept { cjson_parser_free(parser) }
    }

    // SAFETY: carries one parser across the lock; the owner changes with it.
    private struct Borrowed: @unchecked Sendable {
        let pointer: OpaquePointer?
    }
}
