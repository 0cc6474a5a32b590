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
    package func indexPath(_ kind: IndexKind) -> String {
        parentDirectory(of: path) + "/" + reference.indexFileName(kind)
    }

    // MARK: Opening

    /// Looks for an index file, and notes what it finds. Nothing but headers is read.
    ///
    /// - Parameter removes: a file that cannot be used is removed, as is one beside that of another kind.
    /// - Throws: what is wrong with a file, which is removed then if that may be.
    public func findIndex(removes: Bool = true) throws(IndexLoadError) {
        for kind in IndexKind.allCases {
            let file: IndexFile?
            do throws(SegmentError) {
                file = try IndexFile(of: self, kind, fileSystem)
            } catch {
                if case .file(let error) = error { throw .file(error) }
                forgetIndex(kind)
                if removes { try removeIndexFile(kind) }
                throw .unusable(error)
            }
            guard let file else {
                forgetIndex(kind)
                continue
            }
            switch indexSlot.state.summary?.kind {
            case nil: indexSlot.set(.closed(file.header.summary))
            case kind: break
            case .some: if removes { try removeIndexFile(kind) }
            }
        }
    }

    /// Removes the index and its file.
    public func removeIndex() throws(IndexLoadError) {
        indexSlot.set(.none)
        for kind in IndexKind.allCases { try removeIndexFile(kind) }
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
                if removes { try removeIndexFile(summary.kind) }
            }
            throw error
        }
    }

    private func loadIndex(_ kind: IndexKind, _ pace: () throws(IndexBuildError) -> Void) throws(IndexLoadError) -> SegmentIndex? {
        let file: IndexFile?
        do throws(SegmentError) {
            file = try IndexFile(of: self, kind, fileSystem)
        } catch {
            if case .file(let error) = error { throw .file(error) }
            throw .unusable(error)
        }
        return try file?.load(pace: pace)
    }

    private func removeIndexFile(_ kind: IndexKind) throws(IndexLoadError) {
        do throws(FileError) { try removeIndexFileIfPresent(kind) } catch { throw .file(error) }
    }

    func removeIndexFileIfPresent(_ kind: IndexKind) throws(FileError) {
        let path = indexPath(kind)
        if try fileSystem.status(path) != nil { try fileSystem.remove(path) }
    }

    /// Reads a segment's index files, of whatever parameters, and its lookup file, and says what is wrong with them. Changes nothing.
    /// - Parameter progress: called with the bytes read since the last call; ends the check by returning false.
    public func checkIndexes(progress: (Int) -> Bool = { _ in true }) -> IndexFileCheck {
        var check = IndexFileCheck()
        func pace() throws(IndexBuildError) {
            if !progress(IndexFileFormat.blockBytes) { throw .cancelled }
        }
        for kind in IndexKind.allCases {
            check.note(indexPath(kind)) { () throws(IndexLoadError) in
                try loadIndex(kind, pace).map { IndexFileFormat.fileBytes(imageBytes: $0.summary.bytes) }
            }
        }
        check.note(lookupPath) { () throws(IndexLoadError) in try loadLookup(pace)?.byteCount }
        return check
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
        let description = IndexDescription(parameters: parameters, dimension: dimension, rowCount: rows.count, seed: build.seed)
        let header = try IndexFileWriter(segment: self, fileSystem: fileSystem).write(image.bytes, description) { () throws(IndexBuildError) in
            try progress(1)
        }
        try install(header)
        return true
    }

    /// Opens the file that was just written, as any later start will, and removes that of another kind.
    private func install(_ header: IndexFileHeader) throws(IndexBuildError) {
        do throws(IndexLoadError) {
            // Searches go on with the index that was there, if there was one.
            let index = try loadIndex(header.parameters.kind) {}
            indexSlot.set(index.map { .open($0) } ?? .none)
            for kind in IndexKind.allCases where kind != header.parameters.kind { try removeIndexFile(kind) }
        } catch {
            switch error {
            case .unusable(.corruption(let corruption)): throw .unreadable(corruption)
            case .unusable(.file(let error)), .file(let error): throw .file(error)
            case .unusable(.unsupportedVersion), .cancelled: throw .cancelled
            }
        }
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

/// What a look at a segment's index and lookup files found.
public struct IndexFileCheck {
    /// Files that are whole.
    public internal(set) var sound: [(path: String, bytes: Int)] = []
    /// Files that are not, and why.
    public internal(set) var faults: [(path: String, error: SegmentError)] = []

    /// Notes what reading a file finds: its length, or `nil` if there is none. A check that was ended says nothing of it.
    mutating func note(_ path: String, _ read: () throws(IndexLoadError) -> Int?) {
        do throws(IndexLoadError) {
            if let bytes = try read() { sound.append((path: path, bytes: bytes)) }
        } catch {
            switch error {
            case .unusable(let error): faults.append((path: path, error: error))
            case .file(let error): faults.append((path: path, error: .file(error)))
            case .cancelled: break
            }
        }
    }
}
