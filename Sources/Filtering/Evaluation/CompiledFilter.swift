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

    /// The filter made ready for some rows. Cost: some searches in an index for each comparison; of long lists only some values are looked up.
    public func arranged<Rows: FilterableRows>(for rows: Rows) throws(RequestError) -> ArrangedFilter {
        let metadata = try metadata?.arranged(for: rows)
        return ArrangedFilter(
            metadata: metadata?.condition, document: document,
            estimate: .all([metadata?.estimate, document?.estimate(over: rows)].compactMap(\.self)))
    }

    /// Removes from `candidates` the rows that do not match: see `ArrangedFilter.apply`.
    public func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, shouldContinue: () throws(RequestError) -> Void = {}
    ) throws(RequestError) {
        try arranged(for: rows).apply(to: &candidates, of: rows, shouldContinue: shouldContinue)
    }
}

/// A filter whose conditions are in the order in which they are best applied to the rows that it was arranged for.
public struct ArrangedFilter: Sendable {
    let metadata: CompiledMetadataCondition?
    let document: CompiledDocumentCondition?
    /// What part of the rows passes, as far as that is known without looking at rows.
    public let estimate: FilterEstimate

    /// Removes from `candidates` the rows that do not match.
    ///
    /// Conditions on metadata run first, one after the other, each only over the rows still left, those first that an index answers or that leave
    /// least; documents, which are dearer, come last.
    /// - Parameters:
    ///   - rows: those that the filter was arranged for.
    ///   - shouldContinue: asked before each comparison of metadata and every few documents; an error it throws ends the evaluation.
    public func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, shouldContinue: () throws(RequestError) -> Void = {}
    ) throws(RequestError) {
        try apply(to: &candidates, of: rows, asksTrigrams: true, shouldContinue)
    }

    private func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, asksTrigrams: Bool, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        try metadata?.apply(to: &candidates, of: rows, asksTrigrams: asksTrigrams, shouldContinue)
        guard !candidates.isEmpty else { return }
        try document?.apply(to: &candidates, of: rows, asksTrigrams: asksTrigrams, shouldContinue)
    }

    /// Which of some rows pass certainly and which possibly: documents are not read, all else is evaluated.
    /// - Parameters:
    ///   - rows: those that the filter was arranged for.
    ///   - shouldContinue: as in `apply`.
    public func bounds<Rows: FilterableRows>(
        of candidates: OrdinalSet, in rows: Rows, shouldContinue: () throws(RequestError) -> Void = {}
    ) throws(RequestError) -> RowBounds {
        var found = try metadata?.bounds(of: candidates, in: rows, shouldContinue) ?? RowBounds(exactly: candidates)
        if let document, !found.possible.isEmpty { found.formIntersection(document.bounds(of: found.possible, in: rows)) }
        return found
    }

    /// Removes from rows that `bounds` leaves undecided those that do not match. Each one's document is read.
    public func decide<Rows: FilterableRows>(
        _ candidates: inout OrdinalSet, of rows: Rows, shouldContinue: () throws(RequestError) -> Void = {}
    ) throws(RequestError) {
        // Trigrams have said what they can.
        try apply(to: &candidates, of: rows, asksTrigrams: false, shouldContinue)
    }
}
