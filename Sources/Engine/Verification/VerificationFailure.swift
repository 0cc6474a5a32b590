public import FileIO

/// Why a directory could not be verified at all. Damage is not among it: that is what a report is for.
public enum VerificationFailure: Error, Sendable, CustomStringConvertible {
    /// A server is running on the directory, or it cannot be locked.
    case lock(DataDirectoryLock.Failure)
    /// The directory cannot be listed.
    case file(FileError)

    public var description: String {
        switch self {
        case .lock(let failure): "\(failure). A running server verifies itself: ask it to"
        case .file(let error): error.description
        }
    }
}
