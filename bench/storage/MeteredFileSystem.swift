import FileIO
import Synchronization

/// The machine's files, with a note of everything that is written to the log's.
final class MeteredFileSystem: FileSystem {
    /// What the log's thread did, in order.
    enum LogCall: Sendable {
        case write(bytes: Int)
        case sync
    }

    struct Totals: Sendable {
        /// Of records; what prepares files is left out, since it is done ahead and off the path of a write.
        var logCalls: [LogCall] = []
        var logBytes = 0
        var logSyncs = 0
        var preparedBytes = 0
        /// Segments, manifests and the catalog.
        var otherBytes = 0
        var otherSyncs = 0
    }

    private let base = POSIXFileSystem()
    private let state = Mutex(Totals())

    var totals: Totals { state.withLock { $0 } }

    fileprivate func note(_ change: (inout Totals) -> Void) { state.withLock { change(&$0) } }

    private func isLog(_ path: String) -> Bool { parentDirectory(of: path).hasSuffix("/log") }

    func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
        MeteredFile(try base.open(path, access), self, isLog: isLog(path), isNew: false)
    }

    func create(_ path: String) throws(FileError) -> any File {
        MeteredFile(try base.create(path), self, isLog: isLog(path), isNew: true)
    }

    func rename(_ path: String, to newPath: String) throws(FileError) { try base.rename(path, to: newPath) }
    func remove(_ path: String) throws(FileError) { try base.remove(path) }
    func link(_ path: String, to newPath: String) throws(FileError) { try base.link(path, to: newPath) }
    func status(_ path: String) throws(FileError) -> FileStatus? { try base.status(path) }
    func list(_ directory: String) throws(FileError) -> [String] { try base.list(directory) }
    func createDirectory(_ path: String) throws(FileError) { try base.createDirectory(path) }
    func removeDirectory(_ path: String) throws(FileError) { try base.removeDirectory(path) }
    func syncDirectory(_ path: String) throws(FileError) { try base.syncDirectory(path) }
    func freeBytes(_ directory: String) throws(FileError) -> Int { try base.freeBytes(directory) }

    func lockDirectory(_ path: String, _ mode: DirectoryLockMode) throws(DataDirectoryLock.Failure) -> any DirectoryLock {
        try base.lockDirectory(path, mode)
    }
}

private final class MeteredFile: File {
    private let base: any File
    private let owner: MeteredFileSystem
    private let isLog: Bool
    /// A new log file is filled with zeros and synced before it takes records.
    private let isBeingPrepared: Atomic<Bool>

    init(_ base: any File, _ owner: MeteredFileSystem, isLog: Bool, isNew: Bool) {
        self.base = base
        self.owner = owner
        self.isLog = isLog
        isBeingPrepared = Atomic(isLog && isNew)
    }

    var path: String { base.path }
    func size() throws(FileError) -> Int { try base.size() }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int { try base.read(into: buffer, at: offset) }
    func preallocate(_ size: Int) throws(FileError) { try base.preallocate(size) }
    func truncate(to size: Int) throws(FileError) { try base.truncate(to: size) }
    func map() throws(FileError) -> any FileMapping { try base.map() }
    func close() throws(FileError) { try base.close() }

    func write(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) {
        try base.write(buffers, at: offset)
        let bytes = buffers.reduce(0) { $0 + $1.count }
        owner.note { totals in
            if !isLog {
                totals.otherBytes += bytes
            } else if isBeingPrepared.load(ordering: .acquiring) {
                totals.preparedBytes += bytes
            } else {
                totals.logBytes += bytes
                totals.logCalls.append(.write(bytes: bytes))
            }
        }
    }

    func sync() throws(FileError) {
        try base.sync()
        let wasPreparing = isBeingPrepared.exchange(false, ordering: .acquiringAndReleasing)
        owner.note { totals in
            if !isLog {
                totals.otherSyncs += 1
            } else if !wasPreparing {
                totals.logSyncs += 1
                totals.logCalls.append(.sync)
            }
        }
    }
}
