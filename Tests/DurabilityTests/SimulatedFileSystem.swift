import TestSupport
import Durability
import FileIO

/// A disk in memory that breaks every promise that `FileSystem` does not make, reproducibly.
///
/// It counts the calls that change something and can end the machine's life at any of them.
final class SimulatedFileSystem: FileSystem {
    /// A promise that the disk does not keep, to show that the tests notice.
    enum Lie: Sendable {
        case syncDoesNothing
        case directorySyncDoesNothing
    }

    struct State {
        var names = SimulatedNames()
        var inodes: [Int: SimulatedInode] = [:]
        var random: SeededGenerator
        /// How many more changes succeed before everything stops; nil for ever.
        var changesLeft: Int?
        var hasCrashed = false
        /// All files together, in bytes.
        var spaceBytes = Int.max
        var failNextSync = false
        var failNextWrite = false
        var lie: Lie?
        var syncs = 0
        var writes = 0
    }

    /// The log's own lock, since the thread sanitizer does not see that of the standard library.
    private let state: Monitor<State>

    init(seed: UInt64, lie: Lie? = nil) {
        var state = State(random: SeededGenerator(seed: seed))
        state.lie = lie
        self.state = Monitor(state)
    }

    private init(_ state: sending State) {
        self.state = Monitor(state)
    }

    // MARK: The test's side

    func configure(_ body: (inout State) -> Void) {
        state.withLock(body)
    }

    var hasCrashed: Bool { state.withLock { $0.hasCrashed } }
    var syncs: Int { state.withLock { $0.syncs } }
    var writes: Int { state.withLock { $0.writes } }
    var paths: [String] { state.withLock { $0.names.current.keys.sorted() } }

    func contents(_ path: String) -> [UInt8] {
        state.withLock { state in state.names.current[path].flatMap { state.inodes[$0]?.content } ?? [] }
    }

    /// Puts bytes in a file, durably, whatever was there.
    func replaceContents(_ path: String, with bytes: [UInt8]) {
        state.withLock { state in
            guard let inode = state.names.current[path] else { return }
            state.inodes[inode]?.resize(to: bytes.count)
            state.inodes[inode]?.write(bytes, at: 0)
            state.inodes[inode]?.sync()
        }
    }

    /// The machine after it was switched off and on: a new file system, so that handles of the old one cannot reach it.
    func afterPowerLoss() -> SimulatedFileSystem {
        restarted { state in
            var random = state.random
            state.names.losePower(using: &random)
            for inode in state.inodes.keys.sorted() { state.inodes[inode]?.losePower(using: &random) }
            state.random = random
        }
    }

    /// The machine after only our process died: the page cache is still there, and still unsynced.
    func afterProcessDeath() -> SimulatedFileSystem {
        restarted { _ in }
    }

    private func restarted(_ change: (inout State) -> Void) -> SimulatedFileSystem {
        var copy = state.withLock { $0 }
        change(&copy)
        copy.hasCrashed = false
        copy.changesLeft = nil
        copy.spaceBytes = Int.max
        copy.failNextSync = false
        copy.failNextWrite = false
        return SimulatedFileSystem(copy)
    }

    // MARK: FileSystem

    func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
        try call(.open, path) { (state) throws(FileError) in
            guard let inode = state.names.current[path] else { throw .missing(.open, path: path) }
            return SimulatedFile(fileSystem: self, inode: inode, path: path)
        }
    }

    func create(_ path: String) throws(FileError) -> any File {
        try change(.create, path) { (state, _) throws(FileError) in
            guard state.names.current[path] == nil else { throw .existing(.create, path: path) }
            let inode = state.inodes.count
            state.inodes[inode] = SimulatedInode()
            state.names.create(path, inode)
            return SimulatedFile(fileSystem: self, inode: inode, path: path)
        }
    }

    func rename(_ path: String, to newPath: String) throws(FileError) {
        try change(.rename, path) { (state, isLast) throws(FileError) in
            guard state.names.current[path] != nil else { throw .missing(.rename, path: path) }
            if isLast && Bool.random(using: &state.random) { return }
            state.names.rename(path, to: newPath)
        }
    }

    func remove(_ path: String) throws(FileError) {
        try change(.remove, path) { (state, _) throws(FileError) in
            guard state.names.current[path] != nil else { throw .missing(.remove, path: path) }
            state.names.remove(path)
        }
    }

    func list(_ directory: String) throws(FileError) -> [String] {
        try call(.list, directory) { (state) throws(FileError) in
            guard state.names.directories.contains(directory) else { throw .missing(.list, path: directory) }
            return state.names.current.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }.sorted()
        }
    }

    func createDirectory(_ path: String) throws(FileError) {
        try change(.createDirectory, path) { (state, _) in state.names.createDirectory(path) }
    }

    func syncDirectory(_ path: String) throws(FileError) {
        try change(.syncDirectory, path) { (state, isLast) in
            switch state.lie {
            case .directorySyncDoesNothing: return
            case .syncDoesNothing, nil: if !isLast { state.names.sync(path) }
            }
        }
    }

    // MARK: For files

    /// A call that changes nothing.
    func call<Result>(
        _ operation: FileError.Operation, _ path: String, _ body: (inout State) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try state.withLock { (state) throws(FileError) in
            guard !state.hasCrashed else { throw .inputOutput(operation, path: path) }
            return try body(&state)
        }
    }

    /// A call that changes something, perhaps the last of this machine's life: then it happens in part, and fails.
    func change<Result>(
        _ operation: FileError.Operation, _ path: String, _ body: (inout State, _ isLast: Bool) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try call(operation, path) { (state) throws(FileError) in
            guard let left = state.changesLeft else { return try body(&state, false) }
            guard left == 0 else {
                state.changesLeft = left - 1
                return try body(&state, false)
            }
            state.hasCrashed = true
            _ = try body(&state, true)
            throw .inputOutput(operation, path: path)
        }
    }
}
