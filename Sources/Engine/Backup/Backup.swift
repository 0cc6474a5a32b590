public import FileIO

/// Backups, apart from the database that they are of: checking and restoring them.
///
/// `VectorDatabase.backup` makes them. Both calls here block; neither needs a server.
public enum Backup {
    /// Makes a data directory of a backup. Nothing is left at `target` unless it returns, or throws `undecided`.
    ///
    /// The restored database is one of its own: its log goes on from there under another identity, so that files archived from it must not be put
    /// with those of the old one.
    ///
    /// Cost: reads the backup to check it, then copies it, and reads the log three times. Archived log of more than 128 MiB is written to segments
    /// piece by piece, so that neither this nor the first start needs memory for all of it.
    /// - Parameters:
    ///   - source: a directory, or a single file.
    ///   - target: absent, or an empty directory.
    ///   - progress: called about once per MiB; returns false to stop.
    /// - Throws: `findings` for a backup that is not whole, unless `RestoreOptions.acceptsDamage`.
    public static func restore(
        from source: String, to target: String, options: RestoreOptions = RestoreOptions(), fileSystem: any FileSystem = POSIXFileSystem(),
        progress: @escaping @Sendable (BackupProgress) -> Bool = { _ in true }
    ) throws(BackupError) -> RestoreReport {
        try restore(
            from: source, to: target, options: options, fileSystem: fileSystem, logIdentifier: .random(in: .min ... .max), progress: progress)
    }

    /// As above, the same on every run.
    /// - Parameter logBytesAtOnce: how much of the log is brought into memory before it is written to segments. Default 128 MiB, as much as a server
    ///   may have to read when it starts.
    package static func restore(
        from source: String, to target: String, options: RestoreOptions, fileSystem: any FileSystem, logIdentifier: UInt64,
        logBytesAtOnce: Int = 128 << 20, progress: @escaping @Sendable (BackupProgress) -> Bool = { _ in true }
    ) throws(BackupError) -> RestoreReport {
        let reader = try BackupReader(source, fileSystem)
        return try Restoration(
            reader: reader, target: target.trimmingSlashes, options: options, meter: BackupMeter(progress), logIdentifier: logIdentifier,
            logBytesAtOnce: logBytesAtOnce
        ).run()
    }

    /// Checks every byte of a backup and that it opens as a database; of segments every invariant too. Changes nothing.
    /// - Parameters:
    ///   - path: a directory, or a single file.
    ///   - progress: called about once per MiB or for each block of a segment; returns false to stop.
    /// - Returns: what is wrong with it, in `findings`.
    /// - Throws: `notABackup`, `contents`, `archive` or `file` when it cannot be known what should be there.
    public static func verify(
        _ path: String, fileSystem: any FileSystem = POSIXFileSystem(), progress: @escaping @Sendable (BackupProgress) -> Bool = { _ in true }
    ) throws(BackupError) -> BackupCheck {
        try BackupReader(path, fileSystem).check(BackupMeter(progress))
    }

    /// What a backup says of itself. Checks nothing but that.
    /// - Throws: `notABackup` for what is not one, or was not finished.
    public static func describe(_ path: String, fileSystem: any FileSystem = POSIXFileSystem()) throws(BackupError) -> BackupCheck {
        try BackupReader(path, fileSystem).description()
    }
}
