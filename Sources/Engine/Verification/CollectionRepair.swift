import ByteCoding
import Durability
import FileIO
import Segments
import VectorModel

/// Puts one collection's manifest and segments in order. Nothing of it is open meanwhile.
///
/// New segments are written beside the old files, then the manifest is replaced, then what it does not name goes to quarantine: whenever the
/// repair is killed, either manifest finds its files, and a second repair begins from there.
struct CollectionRepair {
    let identifier: CollectionIdentifier
    /// As the catalog has it; `nil`: nobody knows, so that the files say it.
    let metric: Metric?
    /// The manifest is at least this new; 0: there need not be one.
    let manifestEditMin: UInt64
    /// By the catalog every change up to it is in the files; zero when nobody knows.
    let logFloor: SequenceNumber
    let deletes: [RepairLog.Delete]
    /// It was made of another collection's files, which may name that one.
    let isFork: Bool
    let session: RepairSession

    private var path: String { session.directory.collectionPath(identifier) }
    private var manifestPath: String { session.directory.manifestPath(identifier) }
    private var fileSystem: any FileSystem { session.fileSystem }

    /// What was found of the manifest.
    private enum Manifest {
        /// It can be gone by; perhaps it lay elsewhere.
        case usable(CollectionManifest, at: String)
        /// There is none; perhaps an older one, whose dead rows are dead still.
        case lost(older: CollectionManifest?)
        /// The collection has no files yet.
        case none
    }

    func run() throws(RepairFailure) {
        switch try findManifest() {
        case .none: break
        case .usable(let manifest, let place):
            if place != manifestPath {
                try session.perform(
                    "its manifest was found at \(place) and is put back", on: manifestPath, of: identifier
                ) { () throws(RepairFailure) in
                    try session.restore(manifestPath, from: place)
                }
            }
            try repairSegments(of: manifest)
        case .lost(let older): try rebuild(older)
        }
    }

    // MARK: The manifest

    private func findManifest() throws(RepairFailure) -> Manifest {
        if let own = try readManifest(), own.collection == identifier, metric == nil || own.metric == metric {
            if own.edit >= manifestEditMin { return .usable(own, at: manifestPath) }
            return .lost(older: own)
        }
        let index = try session.fileIndex()
        for (place, manifest) in index.manifests(of: identifier) where manifest.edit >= max(manifestEditMin, 1) && place != manifestPath {
            guard metric == nil || manifest.metric == metric else { continue }
            // It may be from an earlier time: that it fits shows in its files being there.
            let isComplete = manifest.segments.allSatisfy { index.segment(SegmentReference($0), of: $0.owner ?? identifier) != nil }
            if isComplete { return .usable(manifest, at: place) }
        }
        let hasManifest = try session.attempt { () throws(FileError) in try fileSystem.status(manifestPath) != nil }
        let hasSegments = try !segmentNames().isEmpty
        return manifestEditMin == 0 && !hasManifest && !hasSegments ? .none : .lost(older: nil)
    }

    private func readManifest() throws(RepairFailure) -> CollectionManifest? {
        do throws(CheckedFileError) {
            return try CollectionManifest.read(manifestPath, fileSystem)
        } catch {
            switch error {
            case .corruption: return nil
            case .unsupportedVersion: throw .newerFormat(error.description)
            // What cannot be read is lost as long as that lasts; its name stays in quarantine.
            case .file, .undecided: return nil
            }
        }
    }

    private func segmentNames() throws(RepairFailure) -> [String] {
        try session.attempt { () throws(FileError) in
            try session.directory.names(in: path).filter { $0.hasSuffix(SegmentFormat.fileNameSuffix) }
        }
    }

    /// Greater than the number of every file that there is.
    private func nextSegmentNumber() throws(RepairFailure) -> UInt64 {
        let numbers = try segmentNames().compactMap { UInt64($0.prefix { $0 != "." }) }
        return (numbers.max() ?? 0).successor
    }

    // MARK: Segments

    private func repairSegments(of manifest: CollectionManifest) throws(RepairFailure) {
        var changed = manifest
        changed.nextSegmentNumber = max(manifest.nextSegmentNumber, try nextSegmentNumber())
        changed.segments = []
        for entry in manifest.segments {
            guard let replacement = try repair(entry, of: manifest, number: &changed.nextSegmentNumber) else { continue }
            changed.segments.append(replacement)
        }
        if changed.segments != manifest.segments {
            changed.edit = manifest.edit.successor
            try replaceManifest(changed)
        } else {
            try resolveContradictions(of: manifest)
        }
        try sweep(named: changed)
    }

    /// The segment, whole again or what could be saved of it; `nil`: nothing.
    private func repair(
        _ entry: CollectionManifest.SegmentEntry, of manifest: CollectionManifest, number: inout UInt64
    ) throws(RepairFailure) -> CollectionManifest.SegmentEntry? {
        let reference = SegmentReference(entry)
        let file = path + "/" + reference.fileName
        let owner = entry.owner ?? identifier
        if try isWhole(file, reference) { return entry }
        if let place = try session.fileIndex().segment(reference, of: owner), place != file, try isWhole(place, reference) {
            try session.perform("the segment was found at \(place) and is put back", on: file, of: identifier) { () throws(RepairFailure) in
                try session.restore(file, from: place)
            }
            return entry
        }
        let facts = SegmentHeadSalvage.Facts(
            collection: owner, number: entry.number, metric: manifest.metric, dimension: manifest.dimension, reference: reference)
        let dead = Tombstones(entry.deadRows)
        guard let saved = try salvage(file, facts, dead: dead, number: number) else {
            session.report.warnings.append("\(file): nothing of \(entry.rowCount - dead.count) rows could be saved")
            return nil
        }
        number = number.successor
        return CollectionManifest.SegmentEntry(saved, dead: Tombstones(), in: identifier)
    }

    private func isWhole(_ file: String, _ reference: SegmentReference?) throws(RepairFailure) -> Bool {
        do throws(SegmentError) {
            let segment = try Segment.open(file, fileSystem: fileSystem, expecting: reference)
            return mayHave(segment, reference) && (metric == nil || segment.metric == metric) && segment.checkEverything().isEmpty
        } catch {
            switch error {
            case .unsupportedVersion: throw .newerFormat(error.description)
            case .corruption, .file: return false
            }
        }
    }

    /// Whether it can be one of this collection's. A reference's checksum tells a file from every other, whoever it was written for.
    private func mayHave(_ segment: Segment, _ reference: SegmentReference?) -> Bool {
        reference != nil || isFork || segment.collection == identifier
    }

    /// Saves the rows of a damaged file in a new segment with this number.
    private func salvage(
        _ file: String, _ facts: SegmentHeadSalvage.Facts, dead: Tombstones, number: UInt64
    ) throws(RepairFailure) -> Segment? {
        guard try session.attempt({ () throws(FileError) in try fileSystem.status(file) != nil }) else { return nil }
        if !session.options.isDryRun { _ = try session.attempt { () throws(FileError) in try session.quarantine.keep(file) } }
        if let segment = readable(file, facts) {
            return try copyRows(of: segment, file, facts, dead: dead, number: number)
        }
        guard !session.options.isDryRun else {
            session.report.actions.append(.init(
                file: file, what: "its tables are damaged; they would be put right in a copy, and its rows saved from there", collection: identifier))
            return nil
        }
        let copy = try session.attempt { () throws(FileError) -> String? in
            guard var head = try SegmentHeadSalvage(file, facts, fileSystem) else { return nil }
            let copy = try session.quarantine.scratch(for: file)
            return try head.writeCopy(of: file, to: copy, fileSystem) ? copy : nil
        }
        guard let copy else { return nil }
        var saved: Segment?
        if let segment = readable(copy, facts) { saved = try copyRows(of: segment, file, facts, dead: dead, number: number) }
        try session.attempt { () throws(FileError) in try fileSystem.remove(copy) }
        return saved
    }

    /// The segment if its head is whole and it is the one that is meant.
    private func readable(_ file: String, _ facts: SegmentHeadSalvage.Facts) -> Segment? {
        guard let segment = try? Segment.open(file, fileSystem: fileSystem), (try? segment.cursor()) != nil else { return nil }
        guard isFork || segment.collection == facts.collection, segment.metric == facts.metric, segment.reference.number == facts.number else { return nil }
        guard facts.reference.map({ $0.rowCount == segment.rowCount }) ?? true else { return nil }
        return segment
    }

    private func copyRows(
        of segment: Segment, _ file: String, _ facts: SegmentHeadSalvage.Facts, dead: Tombstones, number: UInt64
    ) throws(RepairFailure) -> Segment? {
        let salvage = SegmentSalvage(segment: segment, dead: dead, path: file, session: session)
        let description = SegmentDescription(
            collection: identifier, number: number, dimension: segment.dimension ?? facts.dimension, metric: facts.metric,
            element: segment.element, createdWith: session.options.createdWith)
        session.report.actions.append(.init(file: file, what: "its rows that can be read are copied to segment \(number)", collection: identifier))
        return try salvage.write(description, in: path)
    }

    // MARK: Without a manifest

    /// Makes a manifest of all segment files.
    private func rebuild(_ older: CollectionManifest?) throws(RepairFailure) {
        var dead: [SegmentReference: Tombstones] = [:]
        for entry in older?.segments ?? [] { dead[SegmentReference(entry)] = Tombstones(entry.deadRows) }
        var number = max(try nextSegmentNumber(), older?.nextSegmentNumber ?? 1)
        var parts: [ManifestRebuild.Part] = []
        var metric = metric ?? older?.metric
        for name in try segmentNames() {
            let file = path + "/" + name
            if let segment = try? Segment.open(file, fileSystem: fileSystem), mayHave(segment, nil) {
                metric = metric ?? segment.metric
            }
            if try isWhole(file, nil), let segment = try? Segment.open(file, fileSystem: fileSystem) {
                parts.append(.init(segment: segment, dead: dead[segment.reference] ?? Tombstones()))
                continue
            }
            let facts = SegmentHeadSalvage.Facts(
                collection: identifier, number: UInt64(name.prefix { $0 != "." }) ?? 0, metric: metric ?? .l2,
                dimension: older?.dimension, reference: nil)
            guard let saved = try salvage(file, facts, dead: Tombstones(), number: number) else { continue }
            number = number.successor
            parts.append(.init(segment: saved, dead: Tombstones()))
        }
        session.report.warnings.append(
            "\(manifestPath): the manifest is lost and was made anew of \(parts.count) segments: records may have come back that were deleted before "
                + "the log begins, and older versions of records whose newest one is lost")
        try replaceManifest(try rebuilt(metric ?? .l2, parts, after: older, nextSegmentNumber: number))
        try sweep()
    }

    private func rebuilt(
        _ metric: Metric, _ parts: [ManifestRebuild.Part], after known: CollectionManifest?, nextSegmentNumber: UInt64
    ) throws(RepairFailure) -> CollectionManifest {
        var rebuild = ManifestRebuild(identifier, metric, parts)
        do throws(Corruption) {
            try rebuild.resolve(deletes, through: max(logFloor, known?.flushedThrough ?? .zero))
        } catch {
            throw .unfinished("\(error)")
        }
        return rebuild.manifest(after: known, editMin: manifestEditMin, nextSegmentNumber: nextSegmentNumber)
    }

    /// Where all files are whole and yet contradict each other, the newest version of each id counts.
    private func resolveContradictions(of manifest: CollectionManifest) throws(RepairFailure) {
        guard !session.options.isDryRun else { return }
        var parts: [ManifestRebuild.Part] = []
        for entry in manifest.segments {
            let reference = SegmentReference(entry)
            guard let segment = try? Segment.open(path + "/" + reference.fileName, fileSystem: fileSystem, expecting: reference) else { return }
            parts.append(.init(segment: segment, dead: Tombstones(entry.deadRows)))
        }
        let snapshot = CollectionSnapshot(
            parts: parts.map { CollectionPart(.segment($0.segment), tombstones: $0.dead) }, dimension: manifest.dimension,
            nextInsertionKey: manifest.nextInsertionKey, metadataKeys: manifest.metadataKeys, sequenceNumber: manifest.flushedThrough)
        let work = VerificationWork(bytesTotal: 0) { _ in true }
        SnapshotCheck(snapshot: snapshot, collection: identifier, file: manifestPath).run(work)
        guard !work.report.findings.isEmpty else { return }
        try replaceManifest(try rebuilt(manifest.metric, parts, after: manifest, nextSegmentNumber: manifest.nextSegmentNumber))
    }

    // MARK: Writing

    private func replaceManifest(_ manifest: CollectionManifest) throws(RepairFailure) {
        try session.perform("the manifest is replaced by number \(manifest.edit)", on: manifestPath, of: identifier) { () throws(RepairFailure) in
            try session.attempt { () throws(FileError) in
                try fileSystem.createDirectory(path)
                try fileSystem.syncDirectory(session.directory.collectionsPath)
                try session.quarantine.keep(manifestPath)
            }
            do throws(CheckedFileError) {
                try manifest.write(to: manifestPath, fileSystem, createdWith: session.options.createdWith)
            } catch {
                throw .unfinished("the manifest cannot be written: \(error)")
            }
        }
    }

    /// Takes out what the manifest does not name.
    private func sweep(named manifest: CollectionManifest? = nil) throws(RepairFailure) {
        guard let manifest = session.options.isDryRun ? manifest : try readManifest() else { return }
        var named = Set(manifest.segments.map { SegmentReference($0).fileName } + [CollectionManifest.fileName])
        // An index is made again from its segment, so one that is not whole is only in the way.
        for reference in manifest.segments.map({ SegmentReference($0) }) {
            guard let segment = try? Segment.open(path + "/" + reference.fileName, fileSystem: fileSystem, expecting: reference) else { continue }
            named.formUnion(segment.checkIndexes().sound.map { $0.path.split(separator: "/").last.map(String.init) ?? $0.path })
        }
        for name in try session.attempt({ () throws(FileError) in try session.directory.names(in: path) }) where !named.contains(name) {
            let file = path + "/" + name
            try session.perform("it belongs to nothing any more and is taken out", on: file, of: identifier) { () throws(RepairFailure) in
                try session.attempt { () throws(FileError) in try session.quarantine.take(file) }
            }
        }
    }
}
