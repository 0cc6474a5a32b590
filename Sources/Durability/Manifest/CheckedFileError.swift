public import ByteCoding
public import FileIO

/// Why a checked file could not be read or written.
public enum CheckedFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes are not those that were written.
    case corruption(Corruption)
    /// The file is from a newer program.
    case unsupportedVersion(file: String, found: UInt32, newestKnown: UInt32)
    /// The operating system refused. When writing: before the new file could take the place of the old one, which certainly stands.
    case file(FileError)
    /// The operating system refused when the new file was taking the place of the old one: after a crash either may be found. Nothing that
    /// either of them names may be removed before a later write has succeeded.
    case undecided(FileError)

    public var description: String {
        switch self {
        case .corruption(let corruption): corruption.description
        case .unsupportedVersion(let file, let found, let newest):
            "\(file) has format version \(found), this program knows versions up to \(newest): use the newer program that wrote it"
        case .file(let error): error.description
        case .undecided(let error): "\(error); whether the change is on disk is not certain"
        }
    }

    /// There is no such file.
    public var isMissing: Bool {
        switch self {
        case .file(let error): error.isMissing
        case .corruption, .unsupportedVersion, .undecided: false
        }
    }
}
