import ByteCoding
import CAllocator
import Durability
import FileIO
import Indexes
import Segments
import Synchronization
import TextSearch
import VectorModel

/// Gives segments the indexes that `IndexPolicy` says, and the lookup files of their filters: finds their files, opens them when a search asks, builds
/// what is missing. One build at a time.
///
/// An index is a cache. What goes wrong with one is noted, its file goes, searches of its segment are exact meanwhile, and it is built again.
/// Memory: what the builder of one index needs, for a graph about the index itself and once more its codes.
final class Indexer: Sendable {
    /// What the rest of the engine tells of a collection.
    struct Surroundings: Sendable {
        /// `nil`: the collection is no more.
        let configuration: @Sendable (CollectionIdentifier) -> IndexConfiguration?
        /// What the graphs of all segments take but of these.
        let graphBytes: @Sendable (_ without: Set<ObjectIdentifier>) -> Int
    }

    /// The index that is being built.
    struct Build: Sendable {
        let collection: CollectionIdentifier
        let segment: ObjectIdentifier
        let rowCount: Int
        /// From 0 to 1.
        var share = 0.0
    }

    /// The builder of fewer rows leaves little behind.
    private static let rowsWorthReturning = 4_096

    let files: CollectionFiles
    private let options: StorageOptions
    private let policy: IndexPolicy
    private let surroundings: Surroundings
    private let pacer: Pacer
    /// Held by whoever finds, opens or builds.
    private let working = Mutex(())
    private let progress = Mutex<Build?>(nil)

    init(files: CollectionFiles, options: StorageOptions, surroundings: Surroundings, pacer: Pacer) {
        self.files = files
        self.options = options
        policy = IndexPolicy(options: options)
        self.surroundings = surroundings
        self.pacer = pacer
    }

    /// What is being built now.
    var currentBuild: Build? { progress.withLock { $0 } }

    // MARK: What there should be

    /// What an index of a segment may be built with, the preferred first; none: it is scanned.
    /// - Parameter inputs: the segments that it was merged from, whose indexes go when its own is there.
    func acceptable(_ segment: Segment, of collection: Collection, replacing inputs: [CollectionPart] = []) -> [IndexParameters] {
        guard let configuration = surroundings.configuration(collection.identifier) else { return [] }
        let others = Set(([segment] + inputs.compactMap(\.rows.segment)).map(ObjectIdentifier.init))
        return policy.acceptable(
            .init(
                rowCount: segment.rowCount, dimension: segment.dimension,
                graphBytesElsewhere: segment.rowCount < options.indexRowsMin ? 0 : surroundings.graphBytes(others)),
            configuration)
    }

    /// Whether rows of a collection's memtable are to get an index once they are in a segment.
    func wantsIndex(_ collection: Collection) -> Bool {
        surroundings.configuration(collection.identifier).map { $0.choice != .flat } ?? false
    }

    /// Whether one of these parts has an index, and what they are merged into is to have one.
    func keepsIndex(of parts: [CollectionPart], in collection: Collection) -> Bool {
        guard parts.contains(where: { $0.rows.segment?.indexState.summary != nil }), wantsIndex(collection) else { return false }
        return parts.reduce(0) { $0 + $1.liveCount } >= options.indexRowsMin
    }

    // MARK: Work

    /// Finds, opens and builds what one collection is to have.
    /// - Parameter rebuilds: what is there is built anew too.
    /// - Returns: false when something failed and is to be tried again.
    func run(_ collection: Collection, rebuilds: Bool) -> Bool {
        do throws(MaintenanceError) {
            try working.withLock { _ throws(MaintenanceError) in
                for segment in segments(of: collection) { try provide(segment, of: collection, rebuilds) }
            }
            files.health.noteSuccess(.index(collection.identifier))
            return true
        } catch {
            guard error.isFailure, !collection.currentAccess.isEnded else { return true }
            note(error, collection)
            return false
        }
    }

    /// The segments of a collection that are to have an index.
    func indexable(_ collection: Collection) -> [Segment] {
        segments(of: collection).filter { !acceptable($0, of: collection).isEmpty }
    }

    /// Builds the index of one segment anew.
    /// - Parameter report: told the share that is done; ends the build by returning false.
    /// - Returns: what the index is; `nil` if none is wanted any more.
    func rebuild(
        _ segment: Segment, of collection: Collection, _ report: @escaping (Double) -> Bool
    ) throws(MaintenanceError) -> IndexSummary? {
        try working.withLock { _ throws(MaintenanceError) in
            guard let parameters = acceptable(segment, of: collection).first else { return nil }
            try build(parameters, of: segment, in: collection, report: report)
            return segment.indexState.summary
        }
    }

    /// The largest first.
    private func segments(of collection: Collection) -> [Segment] {
        collection.storage.flushed().snapshot.parts.compactMap(\.rows.segment).sorted { $0.rowCount > $1.rowCount }
    }

    private func provide(_ segment: Segment, of collection: Collection, _ rebuilds: Bool) throws(MaintenanceError) {
        guard collection.currentAccess.damage == nil else { return }
        try provideLookup(segment, of: collection, rebuilds)
        let acceptable = acceptable(segment, of: collection)
        do throws(IndexLoadError) {
            try segment.findIndex()
            if acceptable.isEmpty, segment.indexState.summary != nil { try segment.removeIndex() }
            if segment.isIndexWanted { try segment.openIndex { () throws(IndexBuildError) in try step(collection) } }
        } catch {
            switch error {
            case .unusable(let error): note(.unusable(error.description), collection)
            case .file(let error): throw .file(error)
            case .cancelled: throw reasonToStop(collection)
            }
        }
        // One of other parameters serves until the new one is there.
        let isRight = segment.indexState.summary.map { acceptable.contains($0.parameters) } ?? false
        guard rebuilds || !isRight, let parameters = acceptable.first else { return }
        try build(parameters, of: segment, in: collection)
    }

    /// Finds or builds a segment's lookup file, and opens it when a filter asks.
    private func provideLookup(_ segment: Segment, of collection: Collection, _ rebuilds: Bool = false) throws(MaintenanceError) {
        guard segment.rowCount >= options.lookupRowsMin, segment.hasLookupSources,
            let analysis = surroundings.configuration(collection.identifier)?.language.analysis
        else { return }
        do throws(IndexLoadError) {
            try segment.findLookup()
            if segment.isLookupWanted { try segment.openLookup { () throws(IndexBuildError) in try step(collection) } }
        } catch {
            switch error {
            case .unusable(let error): note(.unusable(error.description), collection)
            case .file(let error): throw .file(error)
            case .cancelled: throw reasonToStop(collection)
            }
        }
        // One of another analysis serves filters until the new one is there.
        guard rebuilds || !segment.lookupState.isMade(with: analysis) else { return }
        do throws(IndexBuildError) {
            try segment.buildLookup(analysis) { () throws(IndexBuildError) in try step(collection) }
        } catch {
            throw maintenanceError(error, collection)
        }
    }

    private func maintenanceError(_ error: IndexBuildError, _ collection: Collection) -> MaintenanceError {
        switch error {
        case .source(let corruption): .damage(corruption)
        case .unreadable(let corruption): .unusable(corruption.description)
        case .file(let error): .file(error)
        case .cancelled: reasonToStop(collection)
        }
    }

    /// Builds the index of a segment that was merged from others, from the largest of their graphs, before the segment takes their place.
    ///
    /// - Throws: only what must end the merge. Without the index the segment is as good, and gets one later.
    func index(_ written: CollectionStorage.WrittenSegment, of collection: Collection, from inputs: [CollectionPart]) throws(MaintenanceError) {
        try working.withLock { _ throws(MaintenanceError) in try indexAlone(written, collection, inputs) }
    }

    private func indexAlone(
        _ written: CollectionStorage.WrittenSegment, _ collection: Collection, _ inputs: [CollectionPart]
    ) throws(MaintenanceError) {
        do throws(MaintenanceError) {
            try provideLookup(written.segment, of: collection)
            guard let parameters = acceptable(written.segment, of: collection, replacing: inputs).first else { return }
            let base = try largestIndex(of: inputs, parameters, collection).map { input, index in
                let newRows = written.merge.newRows(of: input, rowCount: inputs[input].rowCount)
                return (index: index, newOrdinal: { (old: UInt32) -> UInt32? in
                    let new = newRows[Int(old)]
                    return new == .max ? nil : new
                })
            }
            try build(parameters, of: written.segment, in: collection, extending: base)
        } catch {
            guard error.isFailure else { throw error }
            note(error, collection)
        }
    }

    /// The input with the most rows in an index of these parameters, which is opened for the purpose.
    private func largestIndex(
        of inputs: [CollectionPart], _ parameters: IndexParameters, _ collection: Collection
    ) throws(MaintenanceError) -> (input: Int, index: SegmentIndex)? {
        let candidates = inputs.indices.filter { inputs[$0].rows.segment?.indexState.summary?.parameters == parameters }
        func rows(_ input: Int) -> Int { inputs[input].rows.segment?.indexState.summary?.rowCount ?? 0 }
        guard case .hnsw = parameters, let input = candidates.max(by: { rows($0) < rows($1) }), let segment = inputs[input].rows.segment else {
            return nil
        }
        do throws(IndexLoadError) {
            try segment.openIndex { () throws(IndexBuildError) in try step(collection) }
        } catch {
            if case .cancelled = error { throw reasonToStop(collection) }
            // Then the new graph is built from nothing.
            return nil
        }
        return segment.index.map { (input, $0) }
    }

    private func build(
        _ parameters: IndexParameters, of segment: Segment, in collection: Collection,
        extending base: (index: SegmentIndex, newOrdinal: (UInt32) -> UInt32?)? = nil, report: @escaping (Double) -> Bool = { _ in true }
    ) throws(MaintenanceError) {
        progress.withLock { $0 = Build(collection: collection.identifier, segment: ObjectIdentifier(segment), rowCount: segment.rowCount) }
        defer {
            progress.withLock { $0 = nil }
            // A builder's many small arrays stay with the allocator otherwise: after some builds the process had three times its memory.
            if segment.rowCount >= Self.rowsWorthReturning { callocator_return_freed_memory() }
        }
        do throws(IndexBuildError) {
            _ = try segment.buildIndex(parameters, threads: options.indexThreads, extending: base) { (share) throws(IndexBuildError) in
                self.progress.withLock { $0?.share = share }
                guard report(share) else { throw .cancelled }
                try self.step(collection)
            }
        } catch {
            throw maintenanceError(error, collection)
        }
    }

    /// Steps aside for searches, and ends a build that nobody needs any more.
    private func step(_ collection: Collection) throws(IndexBuildError) {
        guard !collection.currentAccess.isEnded else { throw .cancelled }
        do throws(MaintenanceError) { try pacer.giveWay() } catch { throw .cancelled }
    }

    private func reasonToStop(_ collection: Collection) -> MaintenanceError { collection.currentAccess.isEnded ? .superseded : .stopped }

    private func note(_ error: MaintenanceError, _ collection: Collection) {
        files.health.note(.index(collection.identifier), "an index is missing, and searches are exact and slower until it is built: \(error)")
    }
}

extension Indexer.Surroundings {
    init(_ catalog: PublishedCatalog) {
        self.init(
            configuration: { catalog.current.entries[$0]?.index },
            graphBytes: { others in
                catalog.current.entries.values.reduce(0) { sum, entry in
                    entry.collection.storage.flushed().snapshot.parts.reduce(sum) { sum, part in
                        guard let segment = part.rows.segment, let summary = segment.indexState.summary, summary.kind == .hnsw,
                            !others.contains(ObjectIdentifier(segment))
                        else { return sum }
                        return sum + summary.bytes
                    }
                }
            })
    }
}
