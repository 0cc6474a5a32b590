import Durability
import FileIO
import Segments
import Synchronization
import VectorModel

/// A fork begins with the files of its source: each gets a second name in the fork's directory, so that either collection may go, merge or drop
/// its own without a thought of the other.
extension CollectionStorage {
    /// Makes the files of this collection, which has none yet, of another's: its segments are shared, its memtables written to one segment.
    ///
    /// When it returns everything is on stable storage, and `load` finds it. What an interrupted attempt left behind is removed first.
    /// Cost: a link for each segment and index file, one pass over the memtables' living rows, a few syncs. Where the file system has no links,
    /// files are copied.
    /// - Parameter snapshot: of the other collection; keeps its files meanwhile.
    func begin(as snapshot: CollectionSnapshot, of source: CollectionStorage) throws(MaintenanceError) {
        do throws(FileError) {
            try files.fileSystem.createDirectory(files.directory)
            if try files.fileSystem.status(directory) != nil { try files.fileSystem.removeTree(directory) }
        } catch {
            throw .file(error)
        }
        state.withLock { state in
            state.hasDirectory = false
            state.nextSegmentNumber = source.state.withLock { $0.nextSegmentNumber }
        }
        try makeDirectory()
        var begun = snapshot
        begun.parts = snapshot.parts.filter { $0.rows.segment != nil }
        for segment in begun.parts.compactMap(\.rows.segment) { try share(segment) }
        let memtables = snapshot.parts.filter { $0.rows.segment == nil }
        if let written = try writeSegment(of: memtables, dimension: snapshot.dimension, pace: {}) {
            begun.parts.append(CollectionPart(.segment(written.segment)))
        }
        do throws(FileError) { try files.fileSystem.syncDirectory(directory) } catch { throw .file(error) }
        do throws(CheckedFileError) {
            let manifest = manifest(Flushed(snapshot: begun, edit: 1), state.withLock { $0.nextSegmentNumber })
            try manifest.write(to: manifestPath, files.fileSystem, createdWith: files.createdWith)
        } catch {
            throw error.asMaintenanceError
        }
    }

    /// Gives a segment file, and the files beside it that can be made again from it, names in this collection's directory.
    private func share(_ segment: Segment) throws(MaintenanceError) {
        let source = parentDirectory(of: segment.path)
        do throws(FileError) {
            for name in segment.reference.fileNames {
                do throws(FileError) {
                    try files.fileSystem.linkOrCopy(source + "/" + name, to: directory + "/" + name)
                } catch {
                    // An index that is not there, or is just being replaced, is found out to be missing, and built.
                    guard error.isMissing, name != segment.reference.fileName else { throw error }
                }
            }
        } catch {
            throw .file(error)
        }
    }

    /// Begins without files, as another collection's state in memory: for a database that is open for reading only.
    func begin(inMemoryAs snapshot: CollectionSnapshot) {
        var flushed = Flushed(snapshot: snapshot)
        flushed.snapshot.parts = snapshot.parts.filter { $0.rows.segment != nil }
        state.withLock { $0.flushed = flushed }
    }
}

extension FileSystem {
    /// Gives a file one more name, or copies it where that is not possible.
    fileprivate func linkOrCopy(_ path: String, to newPath: String) throws(FileError) {
        do throws(FileError) {
            try link(path, to: newPath)
        } catch {
            guard error.isLinkUnsupported else { throw error }
            try copyFile(path, to: newPath)
        }
    }
}
