import ByteCoding
import Durability
import FileIO

/// The two files of the catalog, each read on its own.
struct CatalogCheck {
    /// One of the files.
    struct Copy {
        let path: String
        let bytes: Int
        let content: Result<(checkpoint: CatalogCheckpoint, generation: UInt64), CheckedFileError>

        var isMissing: Bool {
            switch content {
            case .success: false
            case .failure(let error): error.isMissing
            }
        }

        var generation: UInt64? { try? content.get().generation }
    }

    let copies: [Copy]

    init(_ directory: DataDirectory) {
        copies = [directory.catalogPath, directory.catalogCopyPath].map { Self.read($0, directory.fileSystem) }
    }

    /// The newest that can be read, as a start of the server would choose it.
    var newest: (checkpoint: CatalogCheckpoint, generation: UInt64)? {
        let readable = copies.compactMap { try? $0.content.get() }
        return readable.max { $0.generation < $1.generation }
    }

    /// There never was a catalog.
    var isAbsent: Bool { copies.allSatisfy(\.isMissing) }

    /// The format of a newer program in one of the files.
    var newerFormat: CheckedFileError? {
        for copy in copies {
            if case .failure(let error) = copy.content, case .unsupportedVersion = error { return error }
        }
        return nil
    }

    /// The copies that are to be written anew.
    ///
    /// A crash during the very first write leaves the second one missing; later on it is always there.
    var broken: [Copy] {
        copies.filter { copy in
            if case .success = copy.content { return false }
            return !copy.isMissing || (newest?.generation ?? 0) > 1 || (copy.path == copies[0].path && !isAbsent)
        }
    }

    func report(to work: VerificationWork) {
        for copy in copies where !copy.isMissing { work.countFile(bytes: copy.bytes) }
        work.advance(copies.reduce(0) { $0 + $1.bytes })
        let remedy = newest == nil
            ? "restore from a backup, or run lyrica verify --repair, which makes a catalog of the manifests and the log"
            : "the other copy is whole: the next start uses it, and writes both anew in time"
        for copy in broken {
            guard case .failure(let error) = copy.content else { continue }
            let corruption = error.asCorruption(of: copy.path)
            work.add(VerificationReport.Finding(corruption, remedy: remedy))
        }
    }

    private static func read(_ path: String, _ fileSystem: any FileSystem) -> Copy {
        // A file whose status cannot be read cannot be opened either, and that error is reported.
        let bytes = (try? fileSystem.status(path))?.bytes ?? 0
        do throws(CheckedFileError) {
            let file = try CheckedFile.read(path, .catalog, fileSystem)
            let decoded = file.payload.withUnsafeBytes { bytes in
                Result { () throws(DecodingFailure) in try CatalogCheckpoint(decoding: bytes, version: file.version) }
            }
            switch decoded {
            case .success(let checkpoint): return Copy(path: path, bytes: bytes, content: .success((checkpoint, file.generation)))
            case .failure(let failure):
                throw .corruption(Corruption(
                    file: path, offset: CheckedFile.payloadOffset + failure.offset, what: "catalog", expected: "an encoded catalog",
                    found: "\(failure)"))
            }
        } catch {
            return Copy(path: path, bytes: bytes, content: .failure(error))
        }
    }
}
