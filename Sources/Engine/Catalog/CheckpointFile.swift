import ByteCoding
import Durability
import FileIO
import Synchronization

/// The catalog's checkpoint on disk, kept twice: without it nobody knows which collections there are.
final class CheckpointFile: Sendable {
    static let fileName = "CATALOG"
    static let copyName = "CATALOG.copy"

    private let path: String
    private let copyPath: String
    private let fileSystem: any FileSystem
    private let createdWith: String
    private let state: Mutex<State>

    private struct State: Sendable {
        var generation: UInt64
        /// Whether there certainly is a checkpoint on disk.
        var isWritten: Bool
    }

    private init(_ directory: String, _ fileSystem: any FileSystem, createdWith: String, generation: UInt64) {
        path = directory + "/" + Self.fileName
        copyPath = directory + "/" + Self.copyName
        self.fileSystem = fileSystem
        self.createdWith = createdWith
        state = Mutex(State(generation: generation, isWritten: generation > 0))
    }

    /// Whether there is a checkpoint on disk.
    var isWritten: Bool { state.withLock { $0.isWritten } }

    /// What opening found.
    struct Found {
        let file: CheckpointFile
        /// `nil`: there never was one.
        let checkpoint: CatalogCheckpoint?
        /// Why one of the two files could not be used; the other was.
        let fault: CheckedFileError?
    }

    /// Reads the newer of the two files, or the one that is sound.
    static func open(_ directory: String, _ fileSystem: any FileSystem, createdWith: String) throws(CheckedFileError) -> Found {
        let (path, copyPath) = (directory + "/" + fileName, directory + "/" + copyName)
        guard let newest = try CheckedFile.readNewest(path, copy: copyPath, .catalog, fileSystem) else {
            return Found(file: CheckpointFile(directory, fileSystem, createdWith: createdWith, generation: 0), checkpoint: nil, fault: nil)
        }
        return Found(
            file: CheckpointFile(directory, fileSystem, createdWith: createdWith, generation: newest.file.generation),
            checkpoint: try decode(newest), fault: newest.fault)
    }

    private static func decode(_ newest: NewestCheckedFile) throws(CheckedFileError) -> CatalogCheckpoint {
        let decoded = newest.file.payload.withUnsafeBytes { bytes in
            Result { () throws(DecodingFailure) in try CatalogCheckpoint(decoding: bytes, version: newest.file.version) }
        }
        switch decoded {
        case .success(let checkpoint): return checkpoint
        case .failure(let failure):
            throw .corruption(Corruption(
                file: newest.path, offset: CheckedFile.payloadOffset + failure.offset, what: "catalog", expected: "an encoded catalog",
                found: "\(failure)"))
        }
    }

    /// Removes what a crash left under temporary names.
    static func sweep(_ directory: String, _ fileSystem: any FileSystem) throws(FileError) {
        for name in [fileName, copyName] {
            let temporary = directory + "/" + name + CheckedFileFormat.temporarySuffix
            if try fileSystem.status(temporary) != nil { try fileSystem.remove(temporary) }
        }
    }

    /// Writes both files, one after the other, so that one of them is sound at every moment.
    func write(_ checkpoint: CatalogCheckpoint) throws(CheckedFileError) {
        try state.withLock { state throws(CheckedFileError) in
            // Raised also when writing fails: one of the two may have it.
            state.generation += 1
            try CheckedFile.writeCopies(
                checkpoint.encoded().finish(), .catalog.written(asVersion: checkpoint.version), generation: state.generation,
                createdWith: createdWith, to: path, copy: copyPath, fileSystem)
            state.isWritten = true
        }
    }
}
