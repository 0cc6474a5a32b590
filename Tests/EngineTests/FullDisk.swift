import FileIO
import Synchronization

/// The machine's disk, which can be full: then no file can be made or made longer.
final class FullDisk: FileSystem {
    private let disk = POSIXFileSystem()
    private let full = Atomic<Bool>(false)

    func fill() { full.store(true, ordering: .releasing) }
    func free() { full.store(false, ordering: .releasing) }

    func create(_ path: String) throws(FileError) -> any File {
        if full.load(ordering: .acquiring) { throw .outOfSpace(.create, path: path) }
        return try disk.create(path)
    }

    func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File { try disk.open(path, access) }
    func rename(_ path: String, to newPath: String) throws(FileError) { try disk.rename(path, to: newPath) }
    func remove(_ path: String) throws(FileError) { try disk.remove(path) }
    func list(_ directory: String) throws(FileError) -> [String] { try disk.list(directory) }
    func createDirectory(_ path: String) throws(FileError) { try disk.createDirectory(path) }
    func syncDirectory(_ path: String) throws(FileError) { try disk.syncDirectory(path) }
}
