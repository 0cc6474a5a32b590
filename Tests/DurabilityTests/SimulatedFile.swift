import FileIO

/// A handle on a simulated file.
final class SimulatedFile: File {
    let path: String
    private let fileSystem: SimulatedFileSystem
    private let inode: Int

    init(fileSystem: SimulatedFileSystem, inode: Int, path: String) {
        self.fileSystem = fileSystem
        self.inode = inode
        self.path = path
    }

    func size() throws(FileError) -> Int {
        try fileSystem.call(.fileStatus, path) { $0.inodes[inode]?.content.count ?? 0 }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        try fileSystem.call(.read, path) { state in
            let bytes = (state.inodes[inode]?.content ?? []).dropFirst(offset).prefix(buffer.count)
            buffer.copyBytes(from: bytes)
            return bytes.count
        }
    }

    func write(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) {
        try fileSystem.change(.write, path) { (state, isLast) throws(FileError) in
            var bytes = buffers.flatMap { Array($0) }
            state.writes += 1
            let fails = state.failNextWrite
            state.failNextWrite = false
            if isLast || fails { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &state.random))) }
            try reserve(offset + bytes.count, in: state, .write)
            state.inodes[inode]?.write(bytes, at: offset)
            if fails { throw .inputOutput(.write, path: path) }
        }
    }

    func sync() throws(FileError) {
        try fileSystem.change(.sync, path) { (state, isLast) throws(FileError) in
            state.syncs += 1
            if isLast || state.failNextSync {
                state.failNextSync = false
                var random = state.random
                state.inodes[inode]?.syncPartly(using: &random)
                state.random = random
                throw .inputOutput(.sync, path: path)
            }
            switch state.lie {
            case .syncDoesNothing: return
            case .directorySyncDoesNothing, nil: state.inodes[inode]?.sync()
            }
        }
    }

    func preallocate(_ size: Int) throws(FileError) {
        try fileSystem.change(.preallocate, path) { (state, _) throws(FileError) in
            try reserve(size, in: state, .preallocate)
            let length = max(size, state.inodes[inode]?.content.count ?? 0)
            state.inodes[inode]?.resize(to: length)
        }
    }

    func truncate(to size: Int) throws(FileError) {
        try fileSystem.change(.truncate, path) { (state, _) throws(FileError) in
            try reserve(size, in: state, .truncate)
            state.inodes[inode]?.resize(to: size)
        }
    }

    func map() throws(FileError) -> any FileMapping {
        try fileSystem.call(.map, path) { SimulatedMapping($0.inodes[inode]?.content ?? []) }
    }

    func close() throws(FileError) {}

    private func reserve(_ end: Int, in state: SimulatedFileSystem.State, _ operation: FileError.Operation) throws(FileError) {
        let own = state.inodes[inode]?.content.count ?? 0
        guard end > own else { return }
        let used = state.names.current.values.reduce(0) { $0 + (state.inodes[$1]?.content.count ?? 0) }
        guard used + end - own <= state.spaceBytes else { throw .outOfSpace(operation, path: path) }
    }
}

/// A copy of the bytes when they were mapped.
final class SimulatedMapping: FileMapping, @unchecked Sendable {
    private let storage: UnsafeMutableRawBufferPointer

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage) }

    init(_ content: [UInt8]) {
        storage = .allocate(byteCount: content.count, alignment: 16)
        storage.copyBytes(from: content)
    }

    deinit {
        storage.deallocate()
    }
}
