internal import FileIO
internal import Synchronization

/// A handle on a simulated file.
final class SimulatedFile: File {
    let path: String
    private let fileSystem: SimulatedFileSystem
    private let inode: Int
    private let access: FileAccess
    private let isClosed = Atomic<Bool>(false)

    init(fileSystem: SimulatedFileSystem, inode: Int, path: String, access: FileAccess) {
        self.fileSystem = fileSystem
        self.inode = inode
        self.path = path
        self.access = access
    }

    func size() throws(FileError) -> Int {
        try checkOpen(.fileStatus)
        return try fileSystem.call(.fileStatus, path) { $0.inodes[inode]?.content.count ?? 0 }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        try checkOpen(.read)
        return try fileSystem.call(.read, path) { state in
            let bytes = (state.inodes[inode]?.content ?? []).dropFirst(offset).prefix(buffer.count)
            buffer.copyBytes(from: bytes)
            return bytes.count
        }
    }

    func write(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) {
        try checkWritable(.write)
        try fileSystem.change(.write, path) { (state, isInterrupted) throws(FileError) in
            var bytes: [UInt8] = []
            for buffer in buffers { bytes.append(contentsOf: buffer) }
            state.writes += 1
            let fails = state.failNextWrite
            state.failNextWrite = false
            if isInterrupted || fails { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &state.random))) }
            try state.checkRoom(offset + bytes.count, in: inode, .write, path)
            state.change(inode) { file, _ in file.write(bytes, at: offset) }
            if fails { throw .inputOutput(.write, path: path) }
        }
    }

    func sync() throws(FileError) {
        try checkOpen(.sync)
        try fileSystem.change(.sync, path) { (state, isInterrupted) throws(FileError) in
            state.syncs += 1
            if isInterrupted || state.failNextSync {
                state.failNextSync = false
                state.change(inode) { file, random in file.syncPartly(using: &random) }
                throw .inputOutput(.sync, path: path)
            }
            switch state.lie {
            case .syncDoesNothing: return
            case .temporaryFilesAreNotSynced where path.hasSuffix(".tmp"): return
            case .temporaryFilesAreNotSynced, .directorySyncDoesNothing, nil: state.change(inode) { file, _ in file.sync() }
            }
        }
    }

    func preallocate(_ size: Int) throws(FileError) {
        try checkWritable(.preallocate)
        try fileSystem.change(.preallocate, path) { (state, isInterrupted) throws(FileError) in
            try state.checkRoom(size, in: inode, .preallocate, path)
            if state.isSkipped(isInterrupted) { return }
            state.change(inode) { file, _ in file.resize(to: max(size, file.content.count)) }
        }
    }

    func truncate(to size: Int) throws(FileError) {
        try checkWritable(.truncate)
        try fileSystem.change(.truncate, path) { (state, isInterrupted) throws(FileError) in
            try state.checkRoom(size, in: inode, .truncate, path)
            if state.isSkipped(isInterrupted) { return }
            state.change(inode) { file, _ in file.resize(to: size) }
        }
    }

    func map() throws(FileError) -> any FileMapping {
        try checkOpen(.map)
        return try fileSystem.call(.map, path) { SimulatedMapping($0.inodes[inode]?.content ?? []) }
    }

    func close() throws(FileError) {
        isClosed.store(true, ordering: .releasing)
    }

    private func checkOpen(_ operation: FileError.Operation) throws(FileError) {
        if isClosed.load(ordering: .acquiring) { throw .badHandle(operation, path: path) }
    }

    private func checkWritable(_ operation: FileError.Operation) throws(FileError) {
        try checkOpen(operation)
        switch access {
        case .readWrite: return
        case .readOnly: throw .badHandle(operation, path: path)
        }
    }
}

/// A copy of the bytes when they were mapped: unlike those of a real mapping, they do not follow later writes.
// SAFETY: `@unchecked Sendable`: nobody writes to the memory after init, and only deinit frees it.
final class SimulatedMapping: FileMapping, @unchecked Sendable {
    private let storage: UnsafeMutableRawBufferPointer

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage) }

    init(_ content: [UInt8]) {
        // Aligned as the pages of a real mapping are.
        storage = .allocate(byteCount: content.count, alignment: 4096)
        storage.copyBytes(from: content)
    }

    deinit {
        storage.deallocate()
    }

    func advise(_ pattern: AccessPattern, in range: Range<Int>) {}
}
