import FileIO

/// What index file and lookup file have in common in a segment's life.
extension Segment {
    /// Where a file of this name lies beside the segment's, or would.
    func path(beside name: String) -> String { parentDirectory(of: path) + "/" + name }

    /// Removes a file that lies beside the segment's, if there is one.
    func removeFile(_ path: String) throws(FileError) {
        if try fileSystem.status(path) != nil { try fileSystem.remove(path) }
    }

    /// Removes a file that cannot be used, or is not wanted.
    func discardFile(_ path: String) throws(IndexLoadError) {
        do throws(FileError) { try removeFile(path) } catch { throw .file(error) }
    }
}
