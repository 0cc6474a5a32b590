import ByteCoding
import Durability
import FileIO
import Segments
import Synchronization
import VectorModel

/// A collection's files: its segments, and the manifest that says which of them count.
///
/// Invariants:
/// 1. The newest manifest names only files that are wholly on disk.
/// 2. A file is removed only when no manifest that a crash could bring back names it, and no reader has it open.
final class CollectionStorage: Sendable {
    /// What the manifest says: the collection as far as it needs no log.
    struct Flushed: Sendable {
        var snapshot = CollectionSnapshot()
        /// Counts the manifests of this collection; 0 before the first.
        var edit: UInt64 = 0
    }

    struct State: Sendable {
        var flushed = Flushed()
        var nextSegmentNumber: UInt64 = 1
        var hasDirectory = false
        var isDropped = false
        /// Files that a manifest may name whose fate is not known. The next manifest that is certain settles it.
        var doubtful: [Segment] = []
    }

    let identifier: CollectionIdentifier
    let metric: Metric
    let element: VectorElement
    let files: CollectionFiles
    private let onDamage: @Sendable (Corruption) -> Void
    /// Held while a manifest is written, and while what it says takes effect in memory.
    private let commits = Mutex(())
    let state = Mutex(State())

    init(
        _ identifier: CollectionIdentifier, metric: Metric, element: VectorElement, files: CollectionFiles,
        onDamage: @escaping @Sendable (Corruption) -> Void
    ) {
        self.identifier = identifier
        self.metric = metric
        self.element = element
        self.files = files
        self.onDamage = onDamage
    }

    var directory: String { files.directory(of: identifier) }
    var manifestPath: String { directory + "/" + CollectionManifest.fileName }

    /// What the newest manifest says. Cost: O(parts).
    func flushed() -> Flushed { state.withLock { $0.flushed } }

    /// The newest manifest, to be written elsewhere, and its segments, whose files stay as long as these are held; `nil` before the first manifest.
    func manifestAndSegments() -> (manifest: CollectionManifest, segments: [Segment])? {
        let (flushed, nextSegmentNumber) = state.withLock { ($0.flushed, $0.nextSegmentNumber) }
        guard flushed.edit > 0 else { return nil }
        return (manifest(flushed, nextSegmentNumber), flushed.snapshot.parts.compactMap(\.rows.segment))
    }

    // MARK: Opening

    /// Reads the manifest, if there is one, and opens its segments.
    func load(manifestEditMin: UInt64) throws(Corruption) {
        // Also if it cannot be read: a later checkpoint of the catalog must not forget that there was one.
        state.withLock { $0.flushed.edit = manifestEditMin }
        guard let manifest = try readManifest(editMin: manifestEditMin) else { return }
        if manifest.edit > manifestEditMin && !files.isReadOnly { try makeManifestCertain() }
        var flushed = Flushed(
            snapshot: CollectionSnapshot(
                dimension: manifest.dimension, nextInsertionKey: manifest.nextInsertionKey, metadataKeys: manifest.metadataKeys,
                sequenceNumber: manifest.flushedThrough),
            edit: manifest.edit)
        for entry in manifest.segments {
            flushed.snapshot.parts.append(CollectionPart(.segment(try open(entry)), tombstones: Tombstones(entry.deadRows)))
        }
        state.withLock { state in
            state.flushed = flushed
            state.nextSegmentNumber = manifest.nextSegmentNumber
            state.hasDirectory = true
        }
    }

    private func readManifest(editMin: UInt64) throws(Corruption) -> CollectionManifest? {
        let manifest: CollectionManifest
        do throws(CheckedFileError) {
            guard let found = try CollectionManifest.read(manifestPath, files.fileSystem) else {
                guard editMin == 0 else { throw .corruption(missing("manifest \(editMin) or a later one", found: "no file")) }
                return nil
            }
            manifest = found
        } catch {
            throw error.asCorruption(of: manifestPath)
        }
        guard manifest.collection == identifier, manifest.metric == metric else {
            throw missing("the manifest of this collection", found: "another collection's")
        }
        guard manifest.edit >= editMin else { throw missing("manifest \(editMin) or a later one", found: "manifest \(manifest.edit)") }
        return manifest
    }

    /// Whoever put a manifest in its place may have died before that was certain; what is built on it from now on must not outlive it.
    ///
    /// One that the catalog's checkpoint knows of was certain then.
    private func makeManifestCertain() throws(Corruption) {
        do throws(FileError) {
            try files.fileSystem.syncDirectory(directory)
        } catch {
            throw CheckedFileError.file(error).asCorruption(of: manifestPath)
        }
    }

    private func missing(_ expected: String, found: String) -> Corruption {
        Corruption(file: manifestPath, offset: 0, what: "manifest", expected: expected, found: found)
    }

    private func open(_ entry: CollectionManifest.SegmentEntry) throws(Corruption) -> Segment {
        let reference = SegmentReference(
            number: entry.number, fileBytes: entry.fileBytes, rowCount: entry.rowCount, checksum: entry.checksum)
        let path = directory + "/" + reference.fileName
        do throws(SegmentError) {
            let segment = try Segment.open(path, fileSystem: files.fileSystem, expecting: reference, onDamage: onDamage)
            if let corruption = entry.mismatch(of: segment, in: identifier) { throw .corruption(corruption) }
            return segment
        } catch {
            switch error {
            case .corruption(let corruption): throw corruption
            case .file, .unsupportedVersion:
                throw Corruption(file: path, offset: 0, what: "segment", expected: "a file that can be read", found: "\(error)")
            }
        }
    }

    /// Removes files in the collection's directory that its manifest does not name, but the index files of segments that it names: left behind by
    /// a crash.
    func sweep() throws(FileError) {
        let named = state.withLock { state in
            Set(state.flushed.snapshot.parts.flatMap { $0.rows.segment?.reference.fileNames ?? [] } + [CollectionManifest.fileName])
        }
        guard try files.fileSystem.status(directory) != nil else { return }
        for name in try files.fileSystem.list(directory) where !named.contains(name) {
            try files.fileSystem.remove(directory + "/" + name)
        }
    }

    // MARK: Writing

    /// A new segment and the rows of the parts that it was written from.
    struct WrittenSegment {
        let segment: Segment
        let merge: SegmentMerge
    }

    /// Writes the living rows of some parts to a new segment file, which nothing names yet; `nil` if none is alive.
    func writeSegment(
        of parts: [CollectionPart], dimension: Int?, pace: () throws(MaintenanceError) -> Void
    ) throws(MaintenanceError) -> WrittenSegment? {
        guard parts.contains(where: { $0.liveCount > 0 }) else { return nil }
        try makeDirectory()
        let number = state.withLock { state in
            defer { state.nextSegmentNumber += 1 }
            return state.nextSegmentNumber
        }
        let description = SegmentDescription(
            collection: identifier, number: number, dimension: dimension, metric: metric, element: element, createdWith: files.createdWith)
        let merge = try SegmentMerge(parts)
        let reference = try merge.write(description, to: directory, files.fileSystem, pace: pace)
        do throws(SegmentError) {
            let segment = try Segment.open(
                directory + "/" + reference.fileName, fileSystem: files.fileSystem, expecting: reference, onDamage: onDamage)
            return WrittenSegment(segment: segment, merge: merge)
        } catch {
            switch error {
            case .corruption(let corruption): throw .damage(corruption)
            case .file(let error): throw .file(error)
            case .unsupportedVersion: throw .unusable(error.description)
            }
        }
    }

    func makeDirectory() throws(MaintenanceError) {
        guard !state.withLock({ $0.hasDirectory }) else { return }
        do throws(FileError) {
            try files.fileSystem.createDirectory(directory)
            try files.fileSystem.syncDirectory(files.directory)
        } catch {
            throw .file(error)
        }
        state.withLock { $0.hasDirectory = true }
    }

    /// Writes a new manifest, the commit point, and lets it take effect in memory before anybody else writes one.
    /// - Parameters:
    ///   - change: what the collection is on disk to what it is to be.
    ///   - install: puts new parts in the place of old ones in memory.
    /// - Throws: why there is no new manifest; once there is one, nothing.
    func commit(
        _ change: (Flushed) throws(MaintenanceError) -> CollectionSnapshot, install: () -> Void
    ) throws(MaintenanceError) {
        try commits.withLock { _ throws(MaintenanceError) in
            let (current, nextSegmentNumber, isDropped) = state.withLock { ($0.flushed, $0.nextSegmentNumber, $0.isDropped) }
            guard !isDropped else { throw .superseded }
            let flushed = Flushed(snapshot: try change(current), edit: current.edit + 1)
            try makeDirectory()
            do throws(CheckedFileError) {
                try manifest(flushed, nextSegmentNumber).write(to: manifestPath, files.fileSystem, createdWith: files.createdWith)
            } catch {
                throw error.asMaintenanceError
            }
            let settled = state.withLock { state in
                state.flushed = flushed
                defer { state.doubtful = [] }
                return state.doubtful
            }
            settled.forEach { removeWhenUnused($0) }
            install()
        }
    }

    func manifest(_ flushed: Flushed, _ nextSegmentNumber: UInt64) -> CollectionManifest {
        CollectionManifest(
            collection: identifier, edit: flushed.edit, flushedThrough: flushed.snapshot.sequenceNumber,
            nextInsertionKey: flushed.snapshot.nextInsertionKey, nextSegmentNumber: nextSegmentNumber, dimension: flushed.snapshot.dimension,
            metric: metric, metadataKeys: flushed.snapshot.metadataKeys,
            segments: flushed.snapshot.parts.compactMap { part in
                part.rows.segment.map { CollectionManifest.SegmentEntry($0, dead: part.tombstones, in: identifier) }
            })
    }

    // MARK: Removing

    /// What becomes of a new segment when the manifest that was to name it failed.
    func discard(_ segment: Segment?, after error: MaintenanceError) {
        guard let segment else { return }
        switch error {
        // A crash may bring back the manifest that names it.
        case .undecided: state.withLock { $0.doubtful.append(segment) }
        case .file, .damage, .log, .superseded, .stopped, .unusable: removeWhenUnused(segment)
        }
    }

    /// Has a file removed when its last reader lets go.
    func removeWhenUnused(_ segment: Segment?) {
        let (health, identifier) = (files.health, identifier)
        segment?.markObsolete { health.note(.removal(identifier), $0.description) }
    }

    /// The collection is gone for good: its files go as soon as nobody reads them. No manifest is written any more.
    func drop() {
        commits.withLock { _ in
            let segments = state.withLock { state in
                state.isDropped = true
                let segments = state.flushed.snapshot.parts.compactMap(\.rows.segment) + state.doubtful
                state.flushed.snapshot.parts = []
                state.doubtful = []
                return segments
            }
            segments.forEach { removeWhenUnused($0) }
        }
    }

    /// Removes the manifest and the directory of a dropped collection.
    /// - Returns: false while a reader still holds a file in it.
    func removeDirectory() throws(FileError) -> Bool {
        guard try files.fileSystem.status(directory) != nil else { return true }
        if try files.fileSystem.status(manifestPath) != nil { try files.fileSystem.remove(manifestPath) }
        guard try files.fileSystem.list(directory).isEmpty else { return false }
        try files.fileSystem.removeDirectory(directory)
        try files.fileSystem.syncDirectory(files.directory)
        return true
    }
}
