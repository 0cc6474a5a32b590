import ByteCoding
import Durability
import FileIO
import Segments
import VectorModel

/// A repair under way: what it may do, what it has done, and where it keeps what it replaces. Used by one thread.
final class RepairSession {
    let directory: DataDirectory
    let options: DatabaseRepair.Options
    let quarantine: Quarantine
    var report = RepairReport()
    private var knownFiles: RepairFileIndex?

    init(_ directory: DataDirectory, _ options: DatabaseRepair.Options) {
        self.directory = directory
        self.options = options
        quarantine = Quarantine(directory, milliseconds: options.clock().milliseconds)
        report.isDryRun = options.isDryRun
    }

    var fileSystem: any FileSystem { directory.fileSystem }

    /// Tells of a change, and makes it unless this is a dry run.
    func perform(
        _ what: String, on file: String, of collection: CollectionIdentifier? = nil, _ body: () throws(RepairFailure) -> Void
    ) throws(RepairFailure) {
        report.actions.append(.init(file: file, what: what, collection: collection))
        if !options.isDryRun { try body() }
    }

    func noteLost(_ row: RepairReport.LostRow) {
        report.lostRowCount += 1
        if report.lostRows.count < RepairReport.lostRowsMax { report.lostRows.append(row) }
    }

    /// Segments and manifests wherever they lie.
    func fileIndex() throws(RepairFailure) -> RepairFileIndex {
        if let knownFiles { return knownFiles }
        let found = try attempt { () throws(FileError) in try RepairFileIndex(directory) }
        knownFiles = found
        return found
    }

    /// Replaces a file by another that lies elsewhere; both are in quarantine first.
    func restore(_ file: String, from other: String) throws(RepairFailure) {
        let copy = try attempt { () throws(FileError) in
            try quarantine.keep(other)
        }
        let replaced = try attempt { () throws(FileError) in try quarantine.keep(file) }
        if let replaced { knownFiles?.move(file, to: replaced) }
        guard let copy else { throw .unfinished("\(other) is gone") }
        try attempt { () throws(FileError) in
            let temporary = file + ".tmp"
            if try fileSystem.status(temporary) != nil { try fileSystem.remove(temporary) }
            try fileSystem.createDirectory(parentDirectory(of: file))
            try fileSystem.syncDirectory(directory.collectionsPath)
            try fileSystem.copyFile(copy, to: temporary)
            try fileSystem.rename(temporary, to: file)
            try fileSystem.syncDirectory(parentDirectory(of: file))
        }
    }

    func attempt<Value>(_ body: () throws(FileError) -> Value) throws(RepairFailure) -> Value {
        do throws(FileError) {
            return try body()
        } catch {
            throw .file(error)
        }
    }
}

/// Where segments and manifests lie, in the directories of collections and in quarantine: a file may be in another's place.
struct RepairFileIndex {
    private struct SegmentKey: Hashable {
        let collection: CollectionIdentifier
        let reference: SegmentReference
    }

    private var segments: [SegmentKey: String] = [:]
    private var manifests: [CollectionIdentifier: [(path: String, manifest: CollectionManifest)]] = [:]

    /// Cost: three short reads per segment.
    init(_ directory: DataDirectory) throws(FileError) {
        var roots = [directory.collectionsPath]
        let quarantine = directory.path + "/" + DataDirectory.quarantineName
        for name in try directory.names(in: quarantine) { roots.append(quarantine + "/" + name + "/collections") }
        for root in roots {
            for name in try directory.names(in: root) { try add(filesIn: root + "/" + name, directory) }
        }
    }

    private mutating func add(filesIn path: String, _ directory: DataDirectory) throws(FileError) {
        for name in try directory.names(in: path) {
            let file = path + "/" + name
            if name == CollectionManifest.fileName {
                // One that cannot be read is no help, and reported where it belongs.
                guard let manifest = try? CollectionManifest.read(file, directory.fileSystem) else { continue }
                manifests[manifest.collection, default: []].append((file, manifest))
            } else if name.hasSuffix(SegmentFormat.fileNameSuffix), let segment = try? Segment.open(file, fileSystem: directory.fileSystem) {
                let key = SegmentKey(collection: segment.collection, reference: segment.reference)
                if segments[key] == nil { segments[key] = file }
            }
        }
    }

    func segment(_ reference: SegmentReference, of collection: CollectionIdentifier) -> String? {
        segments[SegmentKey(collection: collection, reference: reference)]
    }

    /// The manifests of a collection, the newest first.
    func manifests(of collection: CollectionIdentifier) -> [(path: String, manifest: CollectionManifest)] {
        (manifests[collection] ?? []).sorted { $0.manifest.edit > $1.manifest.edit }
    }

    /// A file is to be found elsewhere now.
    mutating func move(_ path: String, to newPath: String) {
        for (key, value) in segments where value == path { segments[key] = newPath }
        for (collection, found) in manifests {
            manifests[collection] = found.map { $0.path == path ? (newPath, $0.manifest) : $0 }
        }
    }
}
