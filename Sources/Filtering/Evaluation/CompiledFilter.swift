public import VectorModel

/// A selector's conditions made ready to run: regular expressions compiled, limits checked. Independent of any rows, so it is made once per request.
public struct CompiledFilter: Sendable {
    let metadata: CompiledMetadataCondition?
    let document: CompiledDocumentCondition?

    /// - Throws: `invalid` when a pattern does not compile or a limit is exceeded.
    public init(metadata: MetadataCondition?, document: DocumentCondition?, limits: Limits = .standard) throws(RequestError) {
        let limits = limits.sharingPatternMemory(among: (metadata?.patternCount ?? 0) + (document?.patternCount ?? 0))
        self.metadata = if let metadata { try CompiledMetadataCondition(metadata, limits: limits) } else { nil }
        self.document = if let document { try CompiledDocumentCondition(document, limits: limits) } else { nil }
    }

    /// True when every row passes.
    public var isTrivial: Bool { metadata == nil && document == nil }

    /// Removes from `candidates` the rows that do not match.
    ///
    /// Conditions on metadata run first, one after the other, each only over the rows still left, those first that an index answers or that leave
    /// least; documents, which are dearer, come last.
    /// - Parameter shouldContinue: asked before each comparison of metadata and every few documents; an error it throws ends the evaluation.
    public func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, shouldContinue: () throws(RequestError) -> Void = {}
    ) throws(RequestError) {
        try metadata?.arranged(for: rows).condition.apply(to: &candidates, of: rows, shouldContinue)
        guard !candidates.isEmpty else { return }
        try document?.apply(to: &candidates, of: rows, shouldContinue)
    }
}
