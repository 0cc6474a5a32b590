import ByteCoding
import FileIO
package import Indexes
import VectorModel

extension Segment {
    /// What is known of the index.
    public var indexState: SegmentIndexState { indexSlot.state }

    /// The index, if it is open.
    public var index: SegmentIndex? { indexSlot.state.index }

    /// Notes that a search would have used an index that is not open. Returns whether it is the first to say so.
    public func wantIndex() -> Bool { indexSlot.want() }

    /// Whether a search would have used an index.
    public var isIndexWanted: Bool { indexSlot.isWanted }

    /// Where the index file of a kind lies, or would.
    package func indexPath(_ kind: IndexKind) -> String { path(beside: reference.indexFileName(kind)) }

    // MARK: Opening

    /// Looks for an index file, and notes what it finds. Nothing but headers is read.
    ///
    /// - Parameter removes: a file that cannot be used is removed, as is one beside that of another kind.
    /// - Throws: what is wrong with a file, which is removed then if that may be.
    public func findIndex(removes: Bool = true) throws(IndexLoadError) {
        for kind in IndexKind.allCases {
            let file: IndexFile?
            do throws(IndexLoadError) {
                file = try IndexFile(of: self, kind)
            } catch {
                if case .unusable = error {
                    forgetIndex(kind)
                    if removes { try discardFile(indexPath(kind)) }
                }
                throw error
            }
            guard let file else {
                forgetIndex(kind)
                continue
            }
            switch indexSlot.state.summary?.kind {
            case nil: indexSlot.set(.closed(file.header.summary))
            case kind: break
            case .some: if removes { try discardFile(indexPath(kind)) }
            }
        }
    }

    /// Removes the index and its file.
    public func removeIndex() throws(IndexLoadError) {
        indexSlot.set(.none)
        for kind in IndexKind.allCases { try discardFile(indexPath(kind)) }
    }

    private func forgetIndex(_ kind: IndexKind) {
        if indexSlot.state.summary?.kind == kind { indexSlot.set(.none) }
    }

    /// Opens the index that `findIndex` found.
    ///
    /// Cost: reads the file once.
    /// - Parameters:
    ///   - removes: a file that cannot be used is removed.
    ///   - pace: called after each MiB; may wait, or throw.
    /// - Throws: what is wrong with the file.
    public func openIndex(removes: Bool = true, pace: () throws(IndexBuildError) -> Void = {}) throws(IndexLoadError) {
        guard case .closed(let summary) = indexSlot.state else { return }
        do throws(IndexLoadError) {
            let index = try loadIndex(summary.kind, pace)
            indexSlot.set(index.map { .open($0) } ?? .none)
        } catch {
            if case .unusable = error {
                indexSlot.set(.none)
                if removes { try discardFile(indexPath(summary.kind)) }
            }
            throw error
        }
    }

    private func loadIndex(_ kind: IndexKind, _ pace: () throws(IndexBuildError) -> Void) throws(IndexLoadError) -> SegmentIndex? {
        try IndexFile(of: self, kind)?.load(pace: pace)
    }

    // MARK: Building

    /// Builds an index of all rows that have a vector, writes its file and opens it. Another kind's file is removed.
    ///
    /// - Parameters:
    ///   - base: an index of the same parameters whose rows are in this segment too, and which row of this segment one of its rows is; a graph
    ///     begins with those. `nil`: from nothing.
    ///   - progress: told how much is done, from 0 to 1; may wait, or throw.
    /// - Returns: false if no row has a vector.
    public func buildIndex(
        _ parameters: IndexParameters, threads: Int, extending base: (index: SegmentIndex, newOrdinal: (UInt32) -> UInt32?)? = nil,
        progress: @escaping (Double) throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) -> Bool {
        guard let dimension else { return false }
        let rows = try sourceCall { () throws(Corruption) in try rowsWithVectors() }
        guard !rows.isEmpty else { return false }
        let cursor = try sourceCall { () throws(Corruption) in try self.cursor() }
        cursor.willReadEverything()
        defer { cursor.didReadEverything() }
        let source = IndexSource<IndexBuildError>(metric: metric, dimension: dimension, ordinals: rows) { row, vector throws(IndexBuildError) in
            do throws(Corruption) {
                try cursor.copyVector(of: Int(row), into: vector)
            } catch {
                throw .source(error)
            }
        }
        let build = IndexBuild<IndexBuildError>(seed: reference.number, threads: threads, progress: progress)
        let image: IndexImage = switch parameters {
        case .hnsw(let M, let efConstruction):
            try HNSWIndex.build(
                source, HNSWParameters(M: M, efConstruction: efConstruction), build, extending: base.flatMap { base in
                    guard case .hnsw(let graph) = base.index.index else { return nil }
                    return (graph, base.newOrdinal)
                }).image
        case .ivf(let nlist): try IVFIndex.build(source, IVFParameters(nlist: nlist), build).image
        }
        let header = IndexFileHeader(parameters: parameters, rowCount: rows.count, seed: build.seed, contentBytes: image.bytes.count)
        try DerivedFileWriter(segment: self).write(header, image.bytes, to: indexPath(parameters.kind)) { () throws(IndexBuildError) in
            try progress(1)
        }
        try install(parameters.kind)
        return true
    }

    /// Opens the file that was just written, as any later start will, and removes that of another kind.
    private func install(_ kind: IndexKind) throws(IndexBuildError) {
        do throws(IndexLoadError) {
            // Searches go on with the index that was there, if there was one.
            indexSlot.set(try loadIndex(kind) {}.map { .open($0) } ?? .none)
            for other in IndexKind.allCases where other != kind { try discardFile(indexPath(other)) }
        } catch { throw IndexBuildError(readingBack: error) }
    }

    private func rowsWithVectors() throws(Corruption) -> [UInt32] {
        var rows = OrdinalSet.all(below: rowCount)
        try self.cursor().keepRowsWithVectors(&rows)
        var ordinals: [UInt32] = []
        ordinals.reserveCapacity(rowCount)
        rows.forEach { row in
            ordinals.append(UInt32(row))
            return true
        }
        return ordinals
    }

    private func sourceCall<Value>(_ body: () throws(Corruption) -> Value) throws(IndexBuildError) -> Value {
        do throws(Corruption) { return try body() } catch { throw .source(error) }
    }
}
