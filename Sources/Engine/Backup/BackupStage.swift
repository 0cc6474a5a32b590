import Durability
import FileIO
import Segments
import VectorModel

/// The beginning of a backup in its directory: the catalog, the log and the manifests; and which segments are still to be brought there.
struct BackupStage {
    /// A file of the database that is to be in the backup under `name`.
    struct Pending {
        let collection: CollectionIdentifier
        let name: String
        let source: String
        let bytes: Int
        let check: BackupContents.Check
        /// Keeps the file; `nil` for one that nobody removes.
        let segment: Segment?
    }

    let directory: String
    private(set) var contents: BackupContents
    /// In an order in which a collection's files follow one another.
    private(set) var pending: [Pending] = []
    private(set) var collections: [CollectionIdentifier] = []
    private let files: CollectionFiles
    private let transfer: FileTransfer

    /// Cuts the database at one change and writes everything but segments into `directory`, which exists and is empty. All of it is synced.
    ///
    /// Only while the log is copied is it kept from being trimmed; writers do not wait at all.
    init(of database: BackedUpDatabase, in directory: String, base: BackupContents.Base?, _ transfer: FileTransfer) throws(BackupError) {
        self.directory = directory
        self.transfer = transfer
        files = database.files
        let fileSystem = transfer.fileSystem
        let cut = try database.trimmer.keepingLog { (floor) throws(BackupError) in
            let cut = BackupCut(database.catalog, database.log, floor: floor)
            try transfer.meter.begin(.log, bytes: 0)
            try backupCall { () throws(FileError) in try fileSystem.createDirectory(directory + "/log") }
            do throws(LogCopyError) {
                _ = try database.log.copy(to: directory + "/log", after: floor, through: cut.sequence)
            } catch {
                throw .log(error)
            }
            return cut
        }
        contents = BackupContents(sequence: cut.sequence, time: database.clock(), base: base)
        do throws(CheckedFileError) {
            try CheckpointFile.open(directory, fileSystem, createdWith: files.createdWith).file.write(cut.checkpoint)
        } catch {
            throw .checkedFile(error)
        }
        try addFiles(in: "log")
        for name in [CheckpointFile.fileName, CheckpointFile.copyName] { try addFile(name) }
        try backupCall { () throws(FileError) in try fileSystem.createDirectory(directory + "/collections") }
        for part in cut.parts { try add(part) }
    }

    // MARK: Collections

    private mutating func add(_ part: BackupCut.Part) throws(BackupError) {
        collections.append(part.identifier)
        if let damage = part.damage { note(part.identifier, damage) }
        guard part.manifest != nil || part.isUnknown else { return }
        let relative = "collections/\(part.identifier)"
        try backupCall { () throws(FileError) in try transfer.fileSystem.createDirectory(directory + "/" + relative) }
        if part.isUnknown { return try addUnknown(part.identifier, as: relative) }
        guard let manifest = part.manifest else { return }
        let name = relative + "/" + CollectionManifest.fileName
        do throws(CheckedFileError) {
            try manifest.write(to: directory + "/" + name, transfer.fileSystem, createdWith: files.createdWith)
        } catch {
            throw .checkedFile(error)
        }
        try addFile(name)
        for segment in part.segments {
            pending.append(Pending(
                collection: part.identifier, name: relative + "/" + segment.reference.fileName, source: segment.path,
                bytes: segment.fileBytes, check: .segment(segment.reference.checksum), segment: segment))
        }
    }

    /// Everything in the directory of a collection that could not be opened, for whoever repairs it.
    private mutating func addUnknown(_ identifier: CollectionIdentifier, as relative: String) throws(BackupError) {
        let source = files.directory(of: identifier)
        let names: [String]
        do throws(FileError) {
            guard try transfer.fileSystem.status(source) != nil else { return }
            names = try transfer.fileSystem.list(source).filter { !$0.hasSuffix(".tmp") }
        } catch {
            return note(identifier, error.description)
        }
        for name in names where TarFormat.isUsable(relative + "/" + name) {
            do throws(FileTransfer.Failure) {
                let sum = try transfer.checksum(of: source + "/" + name)
                pending.append(Pending(
                    collection: identifier, name: relative + "/" + name, source: source + "/" + name, bytes: sum.bytes,
                    check: .whole(sum.checksum), segment: nil))
            } catch {
                switch error {
                case .source(let problem): note(identifier, problem)
                case .target, .cancelled: throw BackupError(error)
                }
            }
        }
    }

    // MARK: Contents

    /// A pending file is at its place.
    mutating func notePlaced(_ file: Pending) {
        contents.files.append(.init(name: file.name, bytes: file.bytes, check: file.check))
    }

    /// A collection is not, or not wholly, in the backup.
    mutating func note(_ collection: CollectionIdentifier, _ problem: String) {
        contents.damaged.append(.init(collection: collection, problem: problem))
    }

    private mutating func addFiles(in relative: String) throws(BackupError) {
        let names = try backupCall { () throws(FileError) in try transfer.fileSystem.list(directory + "/" + relative) }
        for name in names { try addFile(relative + "/" + name) }
    }

    private mutating func addFile(_ name: String) throws(BackupError) {
        do throws(FileTransfer.Failure) {
            let sum = try transfer.checksum(of: directory + "/" + name)
            contents.files.append(.init(name: name, bytes: sum.bytes, check: .whole(sum.checksum)))
        } catch {
            throw BackupError(error)
        }
    }

    /// What to tell the caller.
    func report() -> BackupReport {
        var report = BackupReport()
        report.sequence = contents.sequence
        report.time = contents.time
        report.collections = collections.count
        report.files = contents.files.count
        report.bytes = contents.bytes
        report.damagedCollections = contents.damaged.map { .init(collection: $0.collection, problem: $0.problem) }
        return report
    }
}

/// What a backup needs of the database.
struct BackedUpDatabase {
    let catalog: PublishedCatalog
    let log: any CommitLog
    let trimmer: LogTrimmer
    let files: CollectionFiles
    let clock: @Sendable () -> LogTimestamp
}

/// Calls the file system for a backup.
func backupCall<Result>(_ body: () throws(FileError) -> Result) throws(BackupError) -> Result {
    do throws(FileError) { return try body() } catch { throw .file(error) }
}
