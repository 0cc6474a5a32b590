import FileIO
import Synchronization
import TestSupport

/// The machine's disk, which can be full: then nothing can be made.
final class FullDisk: ForwardingFileSystem {
    let base: any FileSystem = POSIXFileSystem()
    private let full = Atomic<Bool>(false)

    func fill() { full.store(true, ordering: .releasing) }
    func free() { full.store(false, ordering: .releasing) }

    func create(_ path: String) throws(FileError) -> any File {
        try check(.create, path)
        return try base.create(path)
    }

    func link(_ path: String, to newPath: String) throws(FileError) {
        try check(.link, path)
        try base.link(path, to: newPath)
    }

    func createDirectory(_ path: String) throws(FileError) {
        try check(.createDirectory, path)
        try base.createDirectory(path)
    }

    private func check(_ operation: FileError.Operation, _ path: String) throws(FileError) {
        if full.load(ordering: .acquiring) { throw .outOfSpace(operation, path: path) }
    }
}
