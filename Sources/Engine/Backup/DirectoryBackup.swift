import Durability
import FileIO
import Segments
import VectorModel

/// Makes a backup in a directory.
///
/// Invariant: the file `BACKUP` is written when everything that it names is on stable storage; a directory without it is no backup.
struct DirectoryBackup {
    /// An earlier backup.
    private struct Base {
        let directory: String
        let files: [String: BackupContents.Entry]
        let origin: BackupContents.Base
    }

    let database: BackedUpDatabase
    let directory: String
    let options: BackupOptions
    let transfer: FileTransfer

    private var fileSystem: any FileSystem { transfer.fileSystem }

    func run() throws(BackupError) -> BackupReport {
        try checkFree(directory, fileSystem)
        let base = try openBase()
        do throws(BackupError) {
            try backupCall { () throws(FileError) in try fileSystem.createDirectoriesDurably(directory) }
            return try write(base)
        } catch {
            // The first error tells the cause. What is left is no backup, or is whole.
            try? clear()
            throw error
        }
    }

    private func openBase() throws(BackupError) -> Base? {
        guard let path = options.base else { return nil }
        guard try backupCall({ () throws(FileError) in try fileSystem.status(path) })?.isDirectory == true else {
            throw .invalid("\(path) is not a directory: an incremental backup needs an earlier backup that is one")
        }
        let contents = try BackupContents.read(in: path, fileSystem)
        return Base(
            directory: path, files: Dictionary(contents.files.map { ($0.name, $0) }) { first, _ in first },
            origin: .init(sequence: contents.sequence, time: contents.time))
    }

    private func write(_ base: Base?) throws(BackupError) -> BackupReport {
        var stage = try BackupStage(of: database, in: directory, base: base?.origin, transfer)
        var newBytes = stage.contents.bytes
        var sharedBytes = 0
        try transfer.meter.begin(.copying, bytes: stage.pending.reduce(0) { $0 + $1.bytes })
        for file in stage.pending {
            do throws(FileTransfer.Failure) {
                if try share(file, with: base) {
                    sharedBytes += file.bytes
                } else {
                    let outcome = try transfer.place(
                        file.source, at: directory + "/" + file.name, bytes: file.bytes, mayShare: options.mayShareFiles)
                    newBytes += outcome == .copied ? file.bytes : 0
                }
                stage.notePlaced(file)
            } catch {
                switch error {
                case .source(let problem): stage.note(file.collection, problem)
                case .target, .cancelled: throw BackupError(error)
                }
            }
        }
        try sync()
        do throws(CheckedFileError) {
            try stage.contents.write(to: directory, fileSystem, createdWith: database.files.createdWith)
        } catch {
            throw .checkedFile(error)
        }
        var report = stage.report()
        report.newBytes = newBytes
        report.bytesSharedWithBase = sharedBytes
        return report
    }

    /// False if the earlier backup does not have this file, or cannot give it a second name.
    private func share(_ file: BackupStage.Pending, with base: Base?) throws(FileTransfer.Failure) -> Bool {
        guard let base, let segment = file.segment, let entry = base.files[file.name], entry.check == file.check, entry.bytes == file.bytes else {
            return false
        }
        let path = base.directory + "/" + file.name
        do throws(SegmentError) {
            // Cheap; a file that was cut short or swapped since then is not shared.
            _ = try Segment.open(path, fileSystem: fileSystem, expecting: segment.reference)
        } catch {
            return false
        }
        do throws(FileError) {
            try fileSystem.link(path, to: directory + "/" + file.name)
        } catch {
            if error.isExisting { throw .target(error) }
            return false
        }
        try transfer.advance(file.bytes, paced: false)
        return true
    }

    /// Makes every name but that of `BACKUP` certain.
    private func sync() throws(BackupError) {
        try backupCall { () throws(FileError) in
            let collections = directory + "/collections"
            for name in try fileSystem.list(collections) { try fileSystem.syncDirectory(collections + "/" + name) }
            try fileSystem.syncDirectory(collections)
            try fileSystem.syncDirectory(directory)
        }
    }

    /// Removes what was written. First, and certainly, the file that would make it a backup.
    private func clear() throws(BackupError) {
        try backupCall { () throws(FileError) in
            guard try fileSystem.status(directory) != nil else { return }
            let contents = directory + "/" + BackupContents.fileName
            if try fileSystem.status(contents) != nil {
                try fileSystem.remove(contents)
                try fileSystem.syncDirectory(directory)
            }
            for name in try fileSystem.list(directory) { try fileSystem.removeTree(directory + "/" + name) }
        }
    }
}

/// Throws unless nothing is there, or an empty directory.
func checkFree(_ path: String, _ fileSystem: any FileSystem) throws(BackupError) {
    let isFree = try backupCall { () throws(FileError) in
        guard let status = try fileSystem.status(path) else { return true }
        return status.isDirectory ? try fileSystem.list(path).isEmpty : false
    }
    if !isFree { throw .targetTaken(path) }
}

extension FileSystem {
    /// Creates a directory and those above it that are missing, so that they survive a crash.
    func createDirectoriesDurably(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard part != ".", part != ".." else { continue }
            let isThere = try status(made) != nil
            if !isThere { try createDirectory(made) }
            do throws(FileError) {
                // Also if it is there: an attempt that failed may have made it and not synced it.
                try syncDirectory(parentDirectory(of: made))
            } catch {
                // Where we may not even look, we have made nothing.
                guard isThere && error.isDenied else { throw error }
            }
        }
    }
}
