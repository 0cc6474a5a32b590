import Durability
import FileIO
import VectorModel

extension VectorDatabase {
    /// Writes a backup of the database as it is at one change, while writes, flushes, compactions and drops go on.
    ///
    /// Opening what is restored from it gives every change up to `BackupReport.sequence` and none after it. Collections that are damaged are backed
    /// up as far as they can be read, and named in the report. When it throws, no backup was made, and what was written is removed.
    ///
    /// Cost: copies the log that is not in segments yet (`StorageOptions.logBytes`), then shares or copies segments, on a thread of its own.
    /// - Parameter progress: called about once per MiB; returns false to stop, as cancelling the task does.
    public func backup(
        to destination: BackupDestination, options: BackupOptions = BackupOptions(),
        progress: @escaping @Sendable (BackupProgress) -> Bool = { _ in true }
    ) async throws(BackupError) -> BackupReport {
        guard let log, let trimmer = maintenance?.trimmer else { throw .readOnly }
        let path = destination.path
        try checkOutside(path)
        let pacer = Pacer(bytesPerSecond: options.bytesPerSecond, isBusy: isSearching)
        let transfer = FileTransfer(fileSystem: files.fileSystem, meter: BackupMeter(pacer: pacer, progress))
        let database = BackedUpDatabase(catalog: catalog, log: log, trimmer: trimmer, files: files, clock: configuration.log.clock)
        if case .archive = destination, options.base != nil {
            throw .invalid("a backup in a single file cannot share files with an earlier one; make it a directory")
        }
        let outcome = await withTaskCancellationHandler {
            await onThread {
                Result { () throws(BackupError) in
                    switch destination {
                    case .directory:
                        try DirectoryBackup(database: database, directory: path, options: options, transfer: transfer).run()
                    case .archive: try ArchiveBackup(database: database, path: path, transfer: transfer).run()
                    }
                }
            }
        } onCancel: {
            transfer.meter.cancel()
        }
        return try outcome.get()
    }

    /// In stepped execution nobody else works meanwhile.
    private var isSearching: @Sendable () -> Bool {
        switch configuration.execution {
        case .threads: { [workers] in workers.isBusy }
        case .stepped: { false }
        }
    }

    /// What lies in the data directory and is not the database's is swept away at the next start.
    private func checkOutside(_ path: String) throws(BackupError) {
        guard !path.isEmpty else { throw .invalid("the backup needs a name") }
        let directory = configuration.dataDirectory.trimmingSlashes
        guard path != directory, !path.hasPrefix(directory + "/") else {
            throw .invalid("\(path) lies in the data directory; choose another place")
        }
    }
}

extension BackupDestination {
    /// Without a slash at the end.
    var path: String {
        switch self {
        case .directory(let path), .archive(let path): path.trimmingSlashes
        }
    }
}

extension String {
    /// The same path without slashes at the end.
    var trimmingSlashes: String {
        var trimmed = Substring(self)
        while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
        return String(trimmed)
    }
}
