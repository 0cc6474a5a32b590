internal import FileIO
internal import VectorModel

/// Takes complete files out of the log: into the archive if there is one, then away or back to be used again.
///
/// Invariants:
/// 1. A file leaves the log only when its records are all ≤ the floor and, if there is an archive, when it is there for good.
/// 2. The files leave oldest first. A crash in between may leave any subset of them; opening with the floor then finishes the work.
struct LogHousekeeping: Sendable {
    private let directory: String
    private let fileSystem: any FileSystem
    private let options: LogOptions
    private let inventory: LogInventory
    private let archive: LogArchive?

    init(directory: String, fileSystem: any FileSystem, options: LogOptions, inventory: LogInventory) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.options = options
        self.inventory = inventory
        archive = options.archiveDirectory.map { LogArchive(directory: $0, logDirectory: directory, fileSystem: fileSystem) }
    }

    /// Removes from the log the files whose records are all ≤ `floor`. Does nothing once the log is closed. Blocks.
    func trim(through floor: SequenceNumber) throws(FileError) {
        _ = try inventory.exclusively { () throws(FileError) in
            archiveComplete()
            let mustBeArchived = archive != nil
            let due = inventory.withLock { $0.complete.prefix { $0.last <= floor && ($0.isArchived || !mustBeArchived) } }
            var isChanged = inventory.withLock { !$0.leaving.isEmpty }
            for file in due {
                try takeOut(file)
                isChanged = true
            }
            guard isChanged else { return }
            try fileSystem.syncDirectory(directory)
            inventory.withLock { state in
                state.recycled += state.leaving
                state.leaving = []
            }
        }
    }

    /// Puts every complete file that is not there yet into the archive, if there is one. A failure is noted, and keeps the log from being trimmed.
    func archiveCompleteFiles() {
        guard archive != nil else { return }
        _ = inventory.exclusively { archiveComplete() }
    }

    /// Calls `body` while no file leaves the log; nil when the log was closed.
    func keepingFiles<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result? {
        try inventory.exclusively(body)
    }

    private func takeOut(_ file: LogInventory.Entry) throws(FileError) {
        let path = directory + "/" + file.name
        if try isWorthKeeping(file, path: path) {
            let recycled = directory + "/" + LogFormat.recycledName(first: file.first)
            try fileSystem.rename(path, to: recycled)
            inventory.withLock { $0.leaving.append(recycled) }
        } else {
            try fileSystem.remove(path)
        }
        inventory.withLock { state in
            state.complete.removeAll { $0.first == file.first }
        }
    }

    /// A file with a second name must keep its bytes.
    private func isWorthKeeping(_ file: LogInventory.Entry, path: String) throws(FileError) -> Bool {
        let kept = inventory.withLock { $0.recycled.count + $0.leaving.count }
        guard kept < options.recycledFilesMax, file.fileBytes == options.fileBytes, let status = try fileSystem.status(path) else { return false }
        return status.linkCount == 1
    }

    private func archiveComplete() {
        guard let archive else { return }
        let missing = inventory.withLock { $0.complete.filter { !$0.isArchived } }
        guard !missing.isEmpty else { return }
        do {
            try archive.keep(missing.map(\.name))
            let kept = Set(missing.map(\.first))
            inventory.withLock { state in
                for index in state.complete.indices where kept.contains(state.complete[index].first) { state.complete[index].isArchived = true }
                state.archiveFailure = nil
            }
        } catch {
            inventory.withLock { $0.archiveFailure = error }
        }
    }
}
