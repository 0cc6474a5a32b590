import Durability
import FileIO
import VectorModel

/// Makes a backup in a single file: what a directory would hold, as a `tar` archive whose last member is a list of checksums.
///
/// Small files are made beside it first, in a directory that is removed again. The archive gets its name when it is complete and synced.
struct ArchiveBackup {
    let database: BackedUpDatabase
    let path: String
    let transfer: FileTransfer

    private var fileSystem: any FileSystem { transfer.fileSystem }
    private var temporary: String { path + ".tmp" }
    private var stageDirectory: String { path + ".parts" }

    func run() throws(BackupError) -> BackupReport {
        guard try backupCall({ () throws(FileError) in try fileSystem.status(path) }) == nil else { throw .targetTaken(path) }
        // What an earlier attempt left when it was killed.
        try backupCall(clear)
        let report: BackupReport
        do throws(BackupError) {
            try backupCall { () throws(FileError) in
                try fileSystem.createDirectoriesDurably(parentDirectory(of: path))
                try fileSystem.createDirectory(stageDirectory)
            }
            report = try write()
            try backupCall { () throws(FileError) in try fileSystem.removeTree(stageDirectory) }
        } catch {
            // The first error tells the cause; the next attempt removes what is left.
            try? clear()
            throw error
        }
        do throws(FileError) {
            try fileSystem.rename(temporary, to: path)
            try fileSystem.syncDirectory(parentDirectory(of: path))
        } catch {
            // If it has not got its name.
            try? clear()
            throw .undecided(error)
        }
        return report
    }

    private func write() throws(BackupError) -> BackupReport {
        var stage = try BackupStage(of: database, in: stageDirectory, base: nil, transfer)
        let small = stage.contents.files
        let seconds = Int(clamping: stage.contents.time.milliseconds / 1_000)
        let archive = try archiveCall { () throws(TarError) in try TarWriter(creating: temporary, fileSystem, modified: seconds) }
        try transfer.meter.begin(.copying, bytes: stage.contents.bytes + stage.pending.reduce(0) { $0 + $1.bytes })
        for file in small { try append(file.name, opened(stageDirectory + "/" + file.name), file.bytes, to: archive) }
        for file in stage.pending {
            guard let source = readable(file) else {
                stage.note(file.collection, "\(file.source) cannot be read, or does not have \(file.bytes) bytes")
                continue
            }
            try append(file.name, source, file.bytes, to: archive)
            stage.notePlaced(file)
        }
        do throws(CheckedFileError) {
            try stage.contents.write(to: stageDirectory, fileSystem, createdWith: database.files.createdWith)
        } catch {
            throw .checkedFile(error)
        }
        let contents = try opened(stageDirectory + "/" + BackupContents.fileName)
        let contentsBytes = try backupCall { () throws(FileError) in try contents.size() }
        try append(BackupContents.fileName, contents, contentsBytes, to: archive)
        var report = stage.report()
        report.newBytes = try archiveCall { () throws(TarError) in try archive.finish() }
        return report
    }

    private func opened(_ path: String) throws(BackupError) -> any File {
        try backupCall { () throws(FileError) in try fileSystem.open(path, .readOnly) }
    }

    /// A file that is as long as it should be; `nil` if there is none.
    private func readable(_ file: BackupStage.Pending) -> (any File)? {
        guard let source = try? fileSystem.open(file.source, .readOnly), (try? source.size()) == file.bytes else { return nil }
        return source
    }

    private func append(_ name: String, _ source: any File, _ bytes: Int, to archive: TarWriter) throws(BackupError) {
        try archiveCall { () throws(TarError) in
            try archive.append(name, copying: source, bytes: bytes) { (count) throws(TarError) in
                do throws(BackupError) { try transfer.meter.advance(count, paced: true) } catch { throw .cancelled }
            }
        }
    }

    private func clear() throws(FileError) {
        for path in [temporary, stageDirectory] where try fileSystem.status(path) != nil { try fileSystem.removeTree(path) }
    }
}

/// Writes or reads an archive for a backup.
func archiveCall<Result>(_ body: () throws(TarError) -> Result) throws(BackupError) -> Result {
    do throws(TarError) {
        return try body()
    } catch {
        switch error {
        case .cancelled: throw .cancelled
        case .file(let error): throw .file(error)
        case .corruption, .sourceTooShort, .unusableName: throw .archive(error)
        }
    }
}
