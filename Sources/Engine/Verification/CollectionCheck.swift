import ByteCoding
import Durability
import FileIO
import Segments
import VectorModel

/// One collection's files as the catalog asks for them: the manifest, the segments that it names, and nothing else.
struct CollectionCheck {
    let identifier: CollectionIdentifier
    let metric: Metric
    /// The manifest is at least this new; 0: there need not be one.
    let manifestEditMin: UInt64
    let directory: DataDirectory

    private var path: String { directory.collectionPath(identifier) }
    private var manifestPath: String { directory.manifestPath(identifier) }

    /// Reads every byte. Adds a finding for every block that is damaged.
    /// - Returns: whether manifest and segments are whole, so that invariants between them can be checked.
    func run(_ work: VerificationWork) -> Bool {
        work.countCollection()
        let manifest: CollectionManifest?
        do throws(Corruption) {
            manifest = try readManifest(work)
        } catch {
            work.add(error, collection: identifier)
            // What the other files are, only a manifest can tell; they may hold what can be saved.
            return false
        }
        guard work.shouldContinue else { return false }
        var isWhole = true
        for entry in manifest?.segments ?? [] {
            if !check(entry, work) { isWhole = false }
            guard work.shouldContinue else { return false }
        }
        reportOrphans(beside: manifest, work)
        return isWhole
    }

    private func readManifest(_ work: VerificationWork) throws(Corruption) -> CollectionManifest? {
        do throws(CheckedFileError) {
            let bytes = (try? directory.fileSystem.status(manifestPath))?.bytes ?? 0
            let manifest = try CollectionManifest.read(manifestPath, directory.fileSystem)
            if manifest != nil { work.countFile(bytes: bytes) }
            work.advance(bytes)
            guard let manifest else {
                guard manifestEditMin == 0 else { throw .corruption(corruption("manifest \(manifestEditMin) or a later one", found: "no file")) }
                return nil
            }
            guard manifest.collection == identifier else {
                throw .corruption(corruption("the manifest of this collection", found: "that of collection \(manifest.collection)"))
            }
            guard manifest.metric == metric else {
                throw .corruption(corruption("the metric \(metric), as in the catalog", found: "\(manifest.metric)"))
            }
            guard manifest.edit >= manifestEditMin else {
                throw .corruption(corruption("manifest \(manifestEditMin) or a later one", found: "manifest \(manifest.edit)"))
            }
            return manifest
        } catch {
            throw error.asCorruption(of: manifestPath)
        }
    }

    private func corruption(_ expected: String, found: String) -> Corruption {
        Corruption(file: manifestPath, offset: 0, what: "manifest", expected: expected, found: found)
    }

    private func check(_ entry: CollectionManifest.SegmentEntry, _ work: VerificationWork) -> Bool {
        let reference = SegmentReference(entry)
        let segmentPath = path + "/" + reference.fileName
        do throws(SegmentError) {
            let segment = try Segment.open(segmentPath, fileSystem: directory.fileSystem, expecting: reference)
            var isWhole = SegmentScan(work).run(segment, identifier)
            if isWhole { IndexScan(work).run(segment, identifier) }
            if let corruption = entry.mismatch(of: segment, in: identifier) {
                isWhole = false
                work.add(corruption, collection: identifier)
            }
            if segment.metric != metric {
                isWhole = false
                work.add(
                    Corruption(file: segmentPath, offset: 0, what: "segment metric", expected: "\(metric)", found: "\(segment.metric)"),
                    collection: identifier)
            }
            return isWhole
        } catch {
            work.add(error.asCorruption(of: segmentPath), collection: identifier)
            return false
        }
    }

    private func reportOrphans(beside manifest: CollectionManifest?, _ work: VerificationWork) {
        let named = Set((manifest?.segments ?? []).flatMap { SegmentReference($0).fileNames } + [CollectionManifest.fileName])
        do throws(FileError) {
            for name in try directory.names(in: path) where !named.contains(name) {
                work.add(VerificationReport.Finding(
                    .orphan, file: path + "/" + name, what: "file of a collection", expected: "a manifest that names it", found: "none",
                    collection: identifier, remedy: "the next start of a server removes it"))
            }
        } catch {
            work.add(Corruption(unreadable: path, error), collection: identifier)
        }
    }
}

/// Reads all of a segment file, block by block.
struct SegmentScan {
    private let work: VerificationWork

    init(_ work: VerificationWork) {
        self.work = work
    }

    /// - Returns: whether nothing is wrong with it, and all of it was read.
    func run(_ segment: Segment, _ collection: CollectionIdentifier) -> Bool {
        var bytesLeft = segment.fileBytes
        let found = segment.checkEverything { done in
            // After the blocks come the rows, whose number says nothing about bytes.
            let step = min(done, bytesLeft)
            bytesLeft -= step
            return work.advance(step)
        }
        work.advance(bytesLeft)
        work.countFile(bytes: segment.fileBytes)
        for corruption in found { work.add(corruption, collection: collection) }
        return found.isEmpty && work.shouldContinue
    }
}

/// Reads a segment's index files. What is wrong with one is a note: nothing is lost, since it is made again from the segment.
struct IndexScan {
    private let work: VerificationWork

    init(_ work: VerificationWork) {
        self.work = work
    }

    func run(_ segment: Segment, _ collection: CollectionIdentifier) {
        let check = segment.checkIndexes { work.advance($0) }
        for file in check.sound { work.countFile(bytes: file.bytes) }
        for fault in check.faults {
            let corruption = fault.error.asCorruption(of: fault.path)
            work.add(VerificationReport.Finding(
                .note, file: corruption.file, offset: corruption.offset, what: corruption.what, expected: corruption.expected,
                found: corruption.found, collection: collection,
                remedy: "nothing is lost, and searches are exact without it: the server builds it again, or lyrica index rebuild does"))
        }
    }
}

extension SegmentReference {
    init(_ entry: CollectionManifest.SegmentEntry) {
        self.init(number: entry.number, fileBytes: entry.fileBytes, rowCount: entry.rowCount, checksum: entry.checksum)
    }
}

extension SegmentError {
    /// A file that cannot be used is as bad as a damaged one.
    func asCorruption(of path: String) -> Corruption {
        switch self {
        case .corruption(let corruption): corruption
        case .file(let error): Corruption(unreadable: path, error)
        case .unsupportedVersion(_, let found, let newestKnown):
            Corruption(file: path, offset: 8, what: "formatVersion", expected: "at most \(newestKnown)", found: "\(found)")
        }
    }
}

extension Corruption {
    /// A file that the operating system does not let us read.
    init(unreadable path: String, _ error: FileError) {
        self.init(file: path, offset: 0, what: "file", expected: "one that can be read", found: error.description)
    }
}
