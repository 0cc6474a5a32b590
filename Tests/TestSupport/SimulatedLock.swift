public import FileIO

extension SimulatedFileSystem {
    public func lockDirectory(_ path: String, _ mode: DirectoryLockMode) throws(DataDirectoryLock.Failure) -> any DirectoryLock {
        let outcome: LockOutcome
        let inode: Int
        do throws(FileError) {
            inode = try call(.lock, path) { (state) throws(FileError) in try state.directory(.lock, path) }
            switch mode {
            case .exclusive: try makeLockFile(in: path)
            case .shared: break
            }
            outcome = try call(.lock, path) { state in state.takeLock(of: inode, mode) }
        } catch {
            throw .file(error)
        }
        switch outcome {
        case .taken: return SimulatedLock(self, inode, mode)
        case .heldByWriter: throw .held(directory: path, holder: nil)
        case .heldByReaders: throw .heldByReaders(directory: path)
        }
    }

    fileprivate func release(_ inode: Int, _ mode: DirectoryLockMode) {
        configure { state in
            switch mode {
            case .exclusive: state.locks[inode] = nil
            case .shared: state.locks[inode] = state.locks[inode].flatMap { $0 == 1 ? nil : $0 - 1 }
            }
        }
    }

    /// As the real lock does, a writer leaves a file behind.
    private func makeLockFile(in directory: String) throws(FileError) {
        let path = directory + "/" + DataDirectoryLock.fileName
        if try status(path) == nil { try create(path).close() }
    }
}

private enum LockOutcome {
    case taken, heldByWriter, heldByReaders
}

extension SimulatedFileSystem.State {
    fileprivate mutating func takeLock(of inode: Int, _ mode: DirectoryLockMode) -> LockOutcome {
        let holders = locks[inode] ?? 0
        switch mode {
        case _ where holders < 0: return .heldByWriter
        case .exclusive where holders > 0: return .heldByReaders
        case .exclusive: locks[inode] = -1
        case .shared: locks[inode] = holders + 1
        }
        return .taken
    }
}

/// A lock that ends with its last reference, or with the life of its simulated machine.
private final class SimulatedLock: DirectoryLock {
    let mode: DirectoryLockMode
    private let fileSystem: SimulatedFileSystem
    private let inode: Int

    init(_ fileSystem: SimulatedFileSystem, _ inode: Int, _ mode: DirectoryLockMode) {
        self.fileSystem = fileSystem
        self.inode = inode
        self.mode = mode
    }

    deinit {
        fileSystem.release(inode, mode)
    }
}
