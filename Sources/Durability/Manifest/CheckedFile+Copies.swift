public import ByteCoding
public import FileIO

/// The newer of two copies of a checked file, and what is wrong with the other.
public struct NewestCheckedFile: Hashable, Sendable {
    public let file: CheckedFile
    /// The path that it was read from.
    public let path: String
    /// Why the other copy could not be read; it may be missing. Writing both anew mends it.
    public let fault: CheckedFileError?

    public init(file: CheckedFile, path: String, fault: CheckedFileError?) {
        self.file = file
        self.path = path
        self.fault = fault
    }
}

/// Files that are kept twice, so that damage to one of them loses nothing.
///
/// A generation counts as written only once both copies hold it. So whichever copy is lost, the other holds at least the last one that counts.
extension CheckedFile {
    /// Reads the copy with the highest generation among those that are whole; nil if there is neither.
    /// - Throws: when no copy can be read, and when one is from a newer program: an older copy must not be taken for the newest then.
    public static func readNewest(
        _ path: String, copy copyPath: String, _ kind: CheckedFileKind, _ fileSystem: any FileSystem
    ) throws(CheckedFileError) -> NewestCheckedFile? {
        let first = try attempt(path, kind, fileSystem)
        let second = try attempt(copyPath, kind, fileSystem)
        switch (first, second) {
        case (.success(let one), .success(let two)):
            let isFirst = one.generation >= two.generation
            return NewestCheckedFile(file: isFirst ? one : two, path: isFirst ? path : copyPath, fault: nil)
        case (.success(let one), .failure(let fault)): return NewestCheckedFile(file: one, path: path, fault: fault)
        case (.failure(let fault), .success(let two)): return NewestCheckedFile(file: two, path: copyPath, fault: fault)
        case (.failure(let one), .failure(let two)):
            if one.isMissing && two.isMissing { return nil }
            throw one.isMissing ? two : one
        }
    }

    /// Writes both copies, one after the other.
    ///
    /// After `file` neither has changed; after `undecided` either generation may be found from now on.
    public static func writeCopies(
        _ payload: ByteBlock, _ kind: CheckedFileKind, generation: UInt64, createdWith: String, to path: String, copy copyPath: String,
        _ fileSystem: any FileSystem
    ) throws(CheckedFileError) {
        try write(payload, kind, generation: generation, createdWith: createdWith, to: path, fileSystem)
        do throws(CheckedFileError) {
            try write(payload, kind, generation: generation, createdWith: createdWith, to: copyPath, fileSystem)
        } catch {
            switch error {
            case .file(let cause), .undecided(let cause): throw .undecided(cause)
            case .corruption, .unsupportedVersion: throw error
            }
        }
    }

    private static func attempt(
        _ path: String, _ kind: CheckedFileKind, _ fileSystem: any FileSystem
    ) throws(CheckedFileError) -> Result<CheckedFile, CheckedFileError> {
        do throws(CheckedFileError) {
            return .success(try read(path, kind, fileSystem))
        } catch {
            switch error {
            case .corruption, .file, .undecided: return .failure(error)
            case .unsupportedVersion: throw error
            }
        }
    }
}
