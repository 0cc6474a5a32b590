import ByteCoding
import FileIO
public import TextSearch

extension Segment {
    /// What is known of the lookup file.
    public var lookupState: SegmentLookupState { lookupSlot.state }

    /// What filters use, if it is open.
    var lookup: SegmentLookup? {
        switch lookupSlot.state {
        case .none, .closed: nil
        case .open(let lookup): lookup
        }
    }

    /// Notes that a filter would have used a lookup file that is there and not open. Returns whether it is the first to say so.
    public func wantLookup() -> Bool {
        switch lookupSlot.state {
        case .none, .open: false
        case .closed: lookupSlot.want()
        }
    }

    /// Whether a filter would have used it.
    public var isLookupWanted: Bool { lookupSlot.isWanted }

    /// Whether there is anything to look up: a row with a metadata key or a document.
    public var hasLookupSources: Bool { layout[.columns].count > 0 || layout[.textBlocks].count > 0 }

    /// Where the lookup file lies, or would.
    package var lookupPath: String { path(beside: reference.lookupFileName) }

    // MARK: Opening

    /// Looks for a lookup file, and notes what it finds. Nothing but its header is read.
    ///
    /// - Parameter removes: a file that cannot be used is removed.
    /// - Throws: what is wrong with the file, which is removed then if that may be.
    public func findLookup(removes: Bool = true) throws(IndexLoadError) {
        do throws(IndexLoadError) {
            let file = try LookupFile(of: self)
            switch (lookupSlot.state, file) {
            case (_, nil): lookupSlot.set(.none)
            case (.none, .some(let file)): lookupSlot.set(.closed(byteCount: file.byteCount, analysis: file.analysis))
            case (.closed, .some), (.open, .some): break
            }
        } catch {
            try forgetLookup(after: error, removes: removes)
            throw error
        }
    }

    /// Opens the file that `findLookup` found. Cost: reads it once.
    ///
    /// - Parameters:
    ///   - removes: a file that cannot be used is removed.
    ///   - pace: called after each MiB; may wait, or throw.
    public func openLookup(removes: Bool = true, pace: () throws(IndexBuildError) -> Void = {}) throws(IndexLoadError) {
        guard case .closed = lookupSlot.state else { return }
        do throws(IndexLoadError) {
            lookupSlot.set(try loadLookup(pace).map { .open($0) } ?? .none)
        } catch {
            try forgetLookup(after: error, removes: removes)
            throw error
        }
    }

    func loadLookup(_ pace: () throws(IndexBuildError) -> Void) throws(IndexLoadError) -> SegmentLookup? {
        try LookupFile(of: self)?.load(pace: pace)
    }

    private func forgetLookup(after error: IndexLoadError, removes: Bool) throws(IndexLoadError) {
        guard case .unusable = error else { return }
        lookupSlot.set(.none)
        if removes { try discardFile(lookupPath) }
    }

    // MARK: Building

    /// Makes the lookup file from the segment's rows, and opens it.
    ///
    /// Cost: reads columns and documents once, sparse vectors twice, and sorts each column; memory of the largest column, twice, and about twice the file.
    /// - Parameters:
    ///   - analysis: how documents become words in the index of words: only queries of the same analysis use it.
    ///   - pace: called after each column, each few hundred documents and each MiB; may wait, or throw.
    public func buildLookup(_ analysis: TextAnalysis = .plain, pace: () throws(IndexBuildError) -> Void) throws(IndexBuildError) {
        let builder: SegmentLookupBuilder
        do throws(Corruption) { builder = SegmentLookupBuilder(try cursor(), analysis) } catch { throw .source(error) }
        try writeLookup(try builder.sections(pace), analysis, pace)
        do throws(IndexLoadError) {
            // Filters go on with what was there, if anything was.
            lookupSlot.set(try loadLookup(pace).map { .open($0) } ?? .none)
        } catch { throw IndexBuildError(readingBack: error) }
    }

    /// Writes the file. Of each section there are two copies in memory meanwhile.
    private func writeLookup(
        _ sections: [ByteBlock], _ analysis: TextAnalysis, _ pace: () throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        let hasWords = sections[Int(LookupSection.terms.rawValue) - 1].count > 0
        let header = LookupFileHeader(lengths: sections.map(\.count), analysis: hasWords ? analysis.checksum : 0)
        var writer = ByteWriter(capacity: header.contentBytes)
        for (section, place) in zip(sections, header.sections) {
            writer.appendZeros(place.lowerBound - writer.count)
            section.withUnsafeBytes { writer.append(contentsOf: $0) }
        }
        writer.appendZeros(header.contentBytes - writer.count)
        try writer.finish().withUnsafeBytes { content throws(IndexBuildError) in
            try DerivedFileWriter(segment: self).write(header, content, to: lookupPath, pace: pace)
        }
    }
}
