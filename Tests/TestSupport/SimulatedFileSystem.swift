internal import Durability
public import FileIO

/// A disk in memory that breaks every promise that `FileSystem` does not make, reproducibly from a seed.
///
/// It counts the calls that change something and can end the machine's life at any of them. `/a` and `a` are the same path. After `afterPowerLoss`
/// or `afterProcessDeath` go on with the file system that they return: handles and locks of the old one do not reach it.
///
/// Reproducible only if one thread at a time uses it.
public final class SimulatedFileSystem: FileSystem {
    /// A promise that the disk does not keep, to show that the tests notice. The same as a build that skips what the promise is for.
    public enum Lie: Hashable, Sendable, CaseIterable {
        /// Bytes are never made durable.
        case syncDoesNothing
        /// Names are never made durable.
        case directorySyncDoesNothing
        /// Bytes of files with temporary names are not made durable, as if files were renamed before they are synced.
        case temporaryFilesAreNotSynced
    }

    /// What a test may set and look at.
    public struct State {
        /// How many more changes succeed before everything stops; nil for ever.
        public var changesLeft: Int?
        /// After the last change: every call fails.
        public internal(set) var hasCrashed = false
        /// What all files together may have, in bytes.
        public var spaceBytes = Int.max
        /// The next sync of a file fails, and what it should have written counts as clean.
        public var failNextSync = false
        /// The next write writes a part and fails.
        public var failNextWrite = false
        /// Calls that will fail.
        public var faults: [SimulatedFault] = []
        public var lie: Lie?
        /// How many syncs of files and writes there were.
        public internal(set) var syncs = 0
        public internal(set) var writes = 0
        /// How many calls there were that change something.
        public internal(set) var changes = 0

        var names = SimulatedNames()
        var inodes: [Int: SimulatedInode] = [:]
        /// By the number of the directory: how many hold it, or −1 for one exclusively.
        var locks: [Int: Int] = [:]
        /// The lengths of all files that have a name.
        var usedBytes = 0
        var random: SeededGenerator
    }

    /// A lock that the thread sanitizer sees, other than that of the standard library.
    private let state: Monitor<State>

    public init(seed: UInt64, lie: Lie? = nil) {
        var state = State(random: SeededGenerator(seed: seed))
        state.lie = lie
        self.state = Monitor(state)
    }

    init(_ state: sending State) {
        self.state = Monitor(state)
    }

    /// Looks at or changes how the disk behaves.
    public func configure<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock(body)
    }

    /// A call that changes nothing.
    func call<Result>(
        _ operation: FileError.Operation, _ path: String, _ body: (inout State) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try state.withLock { (state) throws(FileError) in
            if let error = state.failure(operation, path) { throw error }
            return try body(&state)
        }
    }

    /// A call that changes something. It may be the last of this machine's life, or one that is set to fail: then it happens in part, and throws.
    func change<Result>(
        _ operation: FileError.Operation, _ path: String, _ body: (inout State, _ isInterrupted: Bool) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try state.withLock { (state) throws(FileError) in
            state.changes += 1
            if let error = state.failure(operation, path) {
                // What has no room is not begun; what a device fails at may be half done.
                if !state.hasCrashed && !error.isOutOfSpace { _ = try body(&state, true) }
                throw error
            }
            if state.changesLeft == 0 {
                state.hasCrashed = true
                _ = try body(&state, true)
                throw .inputOutput(operation, path: path)
            }
            state.changesLeft = state.changesLeft.map { $0 - 1 }
            return try body(&state, false)
        }
    }
}

extension SimulatedFileSystem.State {
    /// The error that this call is to end with.
    mutating func failure(_ operation: FileError.Operation, _ path: String) -> FileError? {
        if hasCrashed { return .inputOutput(operation, path: path) }
        var kind: SimulatedFault.Kind?
        for index in faults.indices where faults[index].strikes(operation, path) { kind = faults[index].kind }
        faults.removeAll(where: \.isOver)
        switch kind {
        case .inputOutput: return .inputOutput(operation, path: path)
        case .outOfSpace: return .outOfSpace(operation, path: path)
        case nil: return nil
        }
    }

    /// Throws unless there is room for another name.
    func checkRoomForName(_ operation: FileError.Operation, _ path: String) throws(FileError) {
        guard usedBytes < spaceBytes else { throw .outOfSpace(operation, path: path) }
    }

    /// Throws unless a file may be `end` bytes long.
    func checkRoom(_ end: Int, in inode: Int, _ operation: FileError.Operation, _ path: String) throws(FileError) {
        let more = end - (inodes[inode]?.content.count ?? 0)
        guard more <= 0 || more <= spaceBytes - min(usedBytes, spaceBytes) else { throw .outOfSpace(operation, path: path) }
    }

    /// Changes a file's bytes and keeps the account of space.
    mutating func change(_ inode: Int, _ body: (inout SimulatedInode, inout SeededGenerator) -> Void) {
        guard var file = inodes.removeValue(forKey: inode) else { return }
        let before = file.content.count
        body(&file, &random)
        if names.linkCount(inode) > 0 { usedBytes += file.content.count - before }
        inodes[inode] = file
    }

    /// Changes names and keeps the account of space.
    mutating func commit(_ changes: [SimulatedNames.Change], replacing replaced: Int? = nil) {
        for inode in names.commit(changes, replacing: replaced) { usedBytes -= inodes[inode]?.content.count ?? 0 }
    }
}
