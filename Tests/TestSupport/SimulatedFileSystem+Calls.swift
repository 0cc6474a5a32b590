public import FileIO

extension SimulatedFileSystem {
    public func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
        try call(.open, path) { (state) throws(FileError) in
            guard let inode = state.names.place(path)?.inode else { throw .missing(.open, path: path) }
            guard !state.names.isDirectory(inode) else { throw .isDirectory(.open, path: path) }
            return SimulatedFile(fileSystem: self, inode: inode, path: path, access: access)
        }
    }

    public func create(_ path: String) throws(FileError) -> any File {
        try change(.create, path) { (state, isInterrupted) throws(FileError) in
            let place = try state.freePlace(.create, path)
            try state.checkRoomForName(.create, path)
            let inode = state.names.newFile()
            let file = SimulatedFile(fileSystem: self, inode: inode, path: path, access: .readWrite)
            if state.isSkipped(isInterrupted) { return file }
            state.inodes[inode] = SimulatedInode()
            state.commit([.init(.link, place, inode)])
            return file
        }
    }

    public func rename(_ path: String, to newPath: String) throws(FileError) {
        try change(.rename, path) { (state, isInterrupted) throws(FileError) in
            guard let from = state.names.place(path), let inode = from.inode, let to = state.names.place(newPath) else {
                throw .missing(.rename, path: path)
            }
            // Two names of the same file stay as they are, as POSIX has it.
            if to.inode == inode { return }
            if let taken = to.inode {
                switch (state.names.isDirectory(inode), state.names.isDirectory(taken)) {
                case (false, false): break
                case (true, true): if !state.names.list(taken).isEmpty { throw .existing(.rename, path: path) }
                case (false, true): throw .isDirectory(.rename, path: path)
                case (true, false): throw .notADirectory(.rename, path: path)
                }
            }
            if state.names.isDirectory(inode) && state.names.isAncestor(inode, of: to.directory) { throw .invalid(.rename, path: path) }
            if state.isSkipped(isInterrupted) { return }
            state.commit([.init(.unlink, from, inode), .init(.link, to, inode)], replacing: to.inode)
        }
    }

    public func remove(_ path: String) throws(FileError) {
        try change(.remove, path) { (state, isInterrupted) throws(FileError) in
            guard let place = state.names.place(path), let inode = place.inode else { throw .missing(.remove, path: path) }
            guard !state.names.isDirectory(inode) else { throw .isDirectory(.remove, path: path) }
            if state.isSkipped(isInterrupted) { return }
            state.commit([.init(.unlink, place, inode)])
        }
    }

    public func link(_ path: String, to newPath: String) throws(FileError) {
        try change(.link, path) { (state, isInterrupted) throws(FileError) in
            guard let inode = state.names.place(path)?.inode, !state.names.isDirectory(inode) else { throw .missing(.link, path: path) }
            let place = try state.freePlace(.link, newPath)
            try state.checkRoomForName(.link, path)
            if state.isSkipped(isInterrupted) { return }
            state.commit([.init(.link, place, inode)])
        }
    }

    public func status(_ path: String) throws(FileError) -> FileStatus? {
        try call(.fileStatus, path) { state in
            guard let inode = state.names.place(path)?.inode else { return nil }
            guard !state.names.isDirectory(inode) else { return FileStatus(isDirectory: true, bytes: 0, linkCount: 1) }
            return FileStatus(isDirectory: false, bytes: state.inodes[inode]?.content.count ?? 0, linkCount: state.names.linkCount(inode))
        }
    }

    public func list(_ directory: String) throws(FileError) -> [String] {
        try call(.list, directory) { (state) throws(FileError) in
            state.names.list(try state.directory(.list, directory))
        }
    }

    public func createDirectory(_ path: String) throws(FileError) {
        try change(.createDirectory, path) { (state, isInterrupted) throws(FileError) in
            if let inode = state.names.place(path)?.inode {
                guard state.names.isDirectory(inode) else { throw .existing(.createDirectory, path: path) }
                return
            }
            let place = try state.freePlace(.createDirectory, path)
            try state.checkRoomForName(.createDirectory, path)
            if state.isSkipped(isInterrupted) { return }
            state.commit([.init(.link, place, state.names.newDirectory())])
        }
    }

    public func removeDirectory(_ path: String) throws(FileError) {
        try change(.removeDirectory, path) { (state, isInterrupted) throws(FileError) in
            let inode = try state.directory(.removeDirectory, path)
            guard state.names.list(inode).isEmpty, let place = state.names.place(path) else { throw .notEmpty(path: path) }
            if state.isSkipped(isInterrupted) { return }
            state.commit([.init(.unlink, place, inode)])
        }
    }

    public func syncDirectory(_ path: String) throws(FileError) {
        try change(.syncDirectory, path) { (state, isInterrupted) throws(FileError) in
            let inode = try state.directory(.syncDirectory, path)
            if state.isSkipped(isInterrupted) { return }
            switch state.lie {
            case .directorySyncDoesNothing: return
            case .syncDoesNothing, .temporaryFilesAreNotSynced, nil: state.names.sync(inode)
            }
        }
    }

    public func freeBytes(_ directory: String) throws(FileError) -> Int {
        try call(.freeSpace, directory) { (state) throws(FileError) in
            _ = try state.directory(.freeSpace, directory)
            return max(0, state.spaceBytes - state.usedBytes)
        }
    }
}

extension SimulatedFileSystem.State {
    /// An operation on names that is cut short has happened or has not.
    mutating func isSkipped(_ isInterrupted: Bool) -> Bool {
        isInterrupted && Bool.random(using: &random)
    }

    /// The number of a directory that exists.
    func directory(_ operation: FileError.Operation, _ path: String) throws(FileError) -> Int {
        guard let inode = names.place(path)?.inode else { throw .missing(operation, path: path) }
        guard names.isDirectory(inode) else { throw .notADirectory(operation, path: path) }
        return inode
    }

    fileprivate func freePlace(_ operation: FileError.Operation, _ path: String) throws(FileError) -> SimulatedNames.Place {
        guard let place = names.place(path) else { throw .missing(operation, path: path) }
        guard place.inode == nil else { throw .existing(operation, path: path) }
        return place
    }
}
