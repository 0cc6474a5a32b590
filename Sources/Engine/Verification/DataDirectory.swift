import Durability
import FileIO
import Segments
import VectorModel

/// The names in a data directory.
struct DataDirectory {
    let path: String
    let fileSystem: any FileSystem

    static let quarantineName = "quarantine"

    var catalogPath: String { path + "/" + CheckpointFile.fileName }
    var catalogCopyPath: String { path + "/" + CheckpointFile.copyName }
    var logPath: String { path + "/log" }
    var collectionsPath: String { path + "/collections" }

    func collectionPath(_ identifier: CollectionIdentifier) -> String { collectionsPath + "/" + identifier.description }
    func manifestPath(_ identifier: CollectionIdentifier) -> String { collectionPath(identifier) + "/" + CollectionManifest.fileName }

    /// The names in a directory; none if there is no such directory.
    func names(in directory: String) throws(FileError) -> [String] {
        guard let status = try fileSystem.status(directory), status.isDirectory else { return [] }
        do throws(FileError) {
            return try fileSystem.list(directory)
        } catch {
            // That of a collection that was dropped may go between the two questions.
            guard error.isMissing else { throw error }
            return []
        }
    }

    /// The directories of collections.
    func collections() throws(FileError) -> [CollectionIdentifier] {
        try names(in: collectionsPath).compactMap { CollectionIdentifier($0) }
    }

    /// The lengths of all files that a verification reads.
    func bytes() throws(FileError) -> Int {
        var sum = 0
        for file in [catalogPath, catalogCopyPath] { sum += try fileSystem.status(file)?.bytes ?? 0 }
        for directory in [logPath] + (try collections().map(collectionPath)) {
            for name in try names(in: directory) {
                guard let status = try fileSystem.status(directory + "/" + name), !status.isDirectory else { continue }
                sum += status.bytes
            }
        }
        return sum
    }
}
