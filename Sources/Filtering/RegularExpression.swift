import CRegularExpressions
public import VectorModel

/// A regular expression in RE2 syntax over UTF-8, compiled once and matched in time linear in the text, whatever the pattern.
///
/// Look-around and back-references do not exist in RE2. Matching is case-sensitive unless the pattern says `(?i)`.
public final class RegularExpression: Sendable {
    // SAFETY: set once and freed in `deinit`; RE2 documents concurrent matching of one compiled program as safe.
    private nonisolated(unsafe) let program: OpaquePointer

    /// - Parameter field: the part of the request that the pattern stands in, for errors.
    /// - Throws: `invalid` naming `field` when the pattern is longer than `limits.patternBytes`; `invalidPattern` with RE2's reason when it
    ///   is not RE2 syntax or compiles to more than `limits.patternProgramBytes`.
    public init(_ pattern: String, field: String = "where_document", limits: Limits = .standard) throws(RequestError) {
        var pattern = pattern
        let length = pattern.utf8.count
        guard length <= limits.patternBytes else {
            throw .invalid(field, "the regular expression has \(length) bytes; the limit is \(limits.patternBytes)")
        }
        var reason = [CChar](repeating: 0, count: 512)
        let compiled = pattern.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                cre_compile(characters.baseAddress, characters.count, Int64(limits.patternProgramBytes), &reason, reason.count)
            }
        }
        guard let compiled else {
            let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw RequestError(.invalidPattern(problem: text))
        }
        program = compiled
    }

    deinit {
        cre_free(program)
    }

    /// Whether the pattern is found anywhere in `bytes`.
    public func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        cre_matches(program, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    }
}
