import FileIO
import Synchronization
import TestSupport

/// The machine's files, with a count of how often they were synced.
final class CountingFileSystem: ForwardingFileSystem {
    let base: any FileSystem = POSIXFileSystem()
    private let count = Atomic<Int>(0)

    var syncs: Int { count.load(ordering: .relaxed) }

    func countSync() { count.add(1, ordering: .relaxed) }

    func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
        CountingFile(try base.open(path, access), self)
    }

    func create(_ path: String) throws(FileError) -> any File {
        CountingFile(try base.create(path), self)
    }
}

private final class CountingFile: File {
    private let base: any File
    private let owner: CountingFileSystem

    init(_ base: any File, _ owner: CountingFileSystem) {
        self.base = base
        self.owner = owner
    }

    var path: String { base.path }
    func size() throws(FileError) -> Int { try base.size() }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int { try base.read(into: buffer, at: offset) }
    func write(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) { try base.write(buffers, at: offset) }
    func preallocate(_ size: Int) throws(FileError) { try base.preallocate(size) }
    func truncate(to size: Int) throws(FileError) { try base.truncate(to: size) }
    func map() throws(FileError) -> any FileMapping { try base.map() }
    func close() throws(FileError) { try base.close() }

    func sync() throws(FileError) {
        owner.countSync()
        try base.sync()
    }
}
